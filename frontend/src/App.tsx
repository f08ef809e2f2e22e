import { lazy, Suspense, useEffect, useRef } from 'react'
import styles from './App.module.css'
import { AnalysePage } from './analyse/AnalysePage'
import { MethodPage } from './method/MethodPage'
import { Header } from './shell/Header'
import { KeyDialog } from './shell/KeyDialog'
import { usePath } from './shell/router'

const GraphPage = lazy(() => import('./graph/GraphPage').then((module) => ({ default: module.GraphPage })))

const titles: Record<string, string> = { '/graph': 'Pipeline', '/method': 'Method' }

export function App() {
  const path = usePath()
  const main = useRef<HTMLElement>(null)
  const shown = useRef(path)
  useEffect(() => {
    document.title = `${titles[path] ?? 'Analyse'} – dfpipe`
    // A page change moves the reader to the new page, as a real one would; the first page does not take the focus.
    if (shown.current === path) return
    shown.current = path
    window.scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [path])
  return (
    <>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        {path === '/graph' ? (
          <Suspense fallback={<p role="status">Loading the pipeline …</p>}>
            <GraphPage />
          </Suspense>
        ) : path === '/method' ? (
          <MethodPage />
        ) : (
          <AnalysePage />
        )}
      </main>
      <KeyDialog />
    </>
  )
}
