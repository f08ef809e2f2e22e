import styles from './MethodPage.module.css'

const limits: { what: string; why: string }[] = [
  {
    what: 'Unknown generators',
    why: 'A method that was not in the training data may pass as genuine. New ones appear every month.',
  },
  {
    what: 'Compression',
    why: 'JPEG and WebP remove fine detail, which is where the traces are. Strong compression can also look like a forgery.',
  },
  {
    what: 'Resizing and blur',
    why: 'Enlarged, shrunk or smoothed pictures lose or gain frequencies. Beauty filters do the same to genuine faces.',
  },
  {
    what: 'Small faces',
    why: 'Few pixels hold few traces. Below the size the server asks for, the answer is “inconclusive”.',
  },
  {
    what: 'No face',
    why: 'Drawings, masks and backs of heads: the whole picture is shown to the model, and there is no verdict.',
  },
  {
    what: 'Everything but faces',
    why: 'A forged background, caption or context is not looked at, nor whether a genuine picture shows what is claimed.',
  },
  {
    what: 'Unequal error rates',
    why: 'A model errs more often on kinds of people, light and cameras that its training data has little of.',
  },
]

export function Limits() {
  return (
    <section>
      <h2>What it cannot say</h2>
      <dl className={styles.limits}>
        {limits.map(({ what, why }) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{why}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
