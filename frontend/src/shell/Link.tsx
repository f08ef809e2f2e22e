import type { AnchorHTMLAttributes, MouseEvent } from 'react'
import { navigate } from './router'

/** A link to another page of this application: the queue and what is under way stay. */
export function Link(props: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    navigate(event.currentTarget.pathname)
  }
  return <a {...props} onClick={follow} />
}
