import { expect, test } from 'vitest'
import { csv, csvCell } from './csv'

test('rows end with CR LF and cells are quoted where RFC 4180 wants it', () => {
  expect(
    csv([
      ['a', 'b,c', 'say "hi"', 'two\nlines'],
      [1, null, true, ' x '],
    ]),
  ).toBe('a,"b,c","say ""hi""","two\nlines"\r\n1,,true," x "\r\n')
})

test('text that a spreadsheet would run gets an apostrophe, also behind blanks and full-width', () => {
  for (const evil of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\r=1', ' =1', '＝1']) {
    expect(csvCell(evil).replace(/^"/, '')).toMatch(/^'/)
  }
  expect(csvCell('=HYPERLINK("http://x")')).toBe(`"'=HYPERLINK(""http://x"")"`)
})

test('negative numbers stay numbers', () => {
  expect(csvCell(-0.5)).toBe('-0.5')
  expect(csvCell('a-b')).toBe('a-b')
})
