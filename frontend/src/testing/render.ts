import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach } from 'vitest'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
const roots: Root[] = []

/** Draws into a fresh element of the document; removed behind each test. */
export async function render(node: ReactNode): Promise<HTMLElement> {
  const element = document.createElement('div')
  document.body.append(element)
  const root = createRoot(element)
  roots.push(root)
  await act(async () => root.render(node))
  return element
}

export const click = (element: Element | null | undefined) =>
  act(async () => (element as HTMLElement | undefined)?.click())

export const press = (element: Element | null | undefined, key: string) =>
  act(async () => void element?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })))

/** The button with this name or text. */
export function button(within: HTMLElement, name: string): HTMLButtonElement {
  const found = Array.from(within.querySelectorAll('button')).find(
    (each) => each.getAttribute('aria-label') === name || each.textContent?.trim() === name,
  )
  if (!found) throw new Error(`no button '${name}' in ${within.innerHTML.slice(0, 500)}`)
  return found
}

afterEach(async () => {
  await act(async () => roots.splice(0).forEach((root) => root.unmount()))
  document.body.replaceChildren()
})
