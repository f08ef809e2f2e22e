import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build, root } from './places'

export interface Server {
  url: string
  /** Everything it has printed by now. */
  said: () => string
  /** SIGTERM, then waits for its end; the exit code. */
  stop: () => Promise<number | null>
}

/** `dfpipe run pipelines/serve.yaml` with these values set, on a free port unless `port` is among them; ready when it returns. */
export async function startServer(settings: Record<string, string | number> = {}): Promise<Server> {
  const set = Object.entries({ port: 0, ...settings }).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  const child = spawn(join(build, 'bin/dfpipe'), ['run', 'pipelines/serve.yaml', ...set], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  // A test that fails before it stops its server must not leave it behind.
  process.once('exit', () => child.kill('SIGKILL'))
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => resolve(code))
    child.once('error', (error) => {
      text += String(error)
      resolve(null)
    })
  })
  const stop = async () => {
    child.kill('SIGTERM')
    // A server that does not drain must not keep the test waiting.
    const kill = setTimeout(() => child.kill('SIGKILL'), 15_000)
    const code = await ended
    clearTimeout(kill)
    return code
  }
  let over = false
  void ended.then(() => (over = true))
  for (const end = Date.now() + 60_000; Date.now() < end && !over; await sleep(50)) {
    const url = /\burl (http:\/\/\S+?)\/?[,\s]/.exec(text)?.[1]
    if (url && (await isReady(url))) return { url, said: () => text, stop }
  }
  await stop()
  throw new Error(`the server did not become ready; it said:\n${text}`)
}

const isReady = (url: string) =>
  fetch(`${url}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  )
