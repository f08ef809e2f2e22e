export type Cell = string | number | boolean | null

/**
 * One cell of RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe in front, as OWASP advises
 * ("CSV injection"); numbers are numbers and stay as they are.
 */
export function csvCell(value: Cell): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const safe = /^\s*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe
}

export const csv = (rows: readonly (readonly Cell[])[]) =>
  rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
