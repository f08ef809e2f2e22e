// Fails when all JavaScript of the built page together is larger than its budget. `npm run size [FOLDER]`, default dist.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const budget = 120 * 1024
const folder = process.argv[2] ?? 'dist'
const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
if (scripts.length === 0) {
  console.error(`${folder}: no JavaScript; run "npm run build" first`)
  process.exit(1)
}
let total = 0
for (const name of scripts) {
  const size = gzipSync(readFileSync(join(folder, name)), { level: 9 }).length
  total += size
  console.log(`${size.toString().padStart(8)}  ${name}`)
}
console.log(`${total.toString().padStart(8)}  of ${budget} bytes (gzip)`)
process.exit(total > budget ? 1 : 0)
