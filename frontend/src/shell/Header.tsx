import styles from './Header.module.css'
import { Link } from './Link'
import { usePath } from './router'
import { nextTheme, useTheme } from './theme'

const pages = [
  { path: '/', name: 'Analyse' },
  { path: '/graph', name: 'Pipeline' },
  { path: '/method', name: 'Method' },
]

export function Header() {
  const path = usePath()
  const [theme, toggle] = useTheme()
  return (
    <header className={styles.header}>
      <Link className={styles.brand} href="/">
        <img src="/icon.svg" width="28" height="28" alt="" />
        dfpipe
      </Link>
      <nav aria-label="Pages" className={styles.nav}>
        {pages.map((page) => (
          <Link key={page.path} href={page.path} aria-current={page.path === path ? 'page' : undefined}>
            {page.name}
          </Link>
        ))}
      </nav>
      <button
        type="button"
        className={`quiet ${styles.theme}`}
        onClick={toggle}
        aria-label={`Colours: ${theme}. Change to ${nextTheme(theme)}`}
        title={`Colours: ${theme}`}
      >
        <ThemeSign theme={theme} />
      </button>
    </header>
  )
}

function ThemeSign({ theme }: { theme: string }) {
  return (
    <svg
      width="20"
      height="20"
      viewBox="0 0 20 20"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
    >
      {theme === 'dark' ? (
        <path d="M16.5 12.4A7 7 0 1 1 7.6 3.5a5.6 5.6 0 0 0 8.9 8.9Z" strokeLinejoin="round" />
      ) : (
        <circle cx="10" cy="10" r={theme === 'light' ? 3.6 : 7} />
      )}
      {theme === 'light' && (
        <path
          d="M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M16 4l-1.4 1.4M5.4 14.6 4 16"
          strokeLinecap="round"
        />
      )}
      {theme === 'system' && <path d="M10 3a7 7 0 0 1 0 14Z" fill="currentColor" stroke="none" />}
    </svg>
  )
}
