/** Hands text to the browser as a file to save. */
export function download(name: string, type: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has taken what it needs once the click is through; a moment more costs nothing.
  setTimeout(() => URL.revokeObjectURL(url), 10000)
}
