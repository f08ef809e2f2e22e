import { mkdirSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { shots } from './places'
import { startServer } from './server'

declare module 'vitest' {
  interface ProvidedContext {
    /** A server with default settings, for tests that change nothing about it. */
    server: string
  }
}

/** One server for all files. */
export default async function setup(project: TestProject) {
  mkdirSync(shots, { recursive: true })
  const server = await startServer()
  project.provide('server', server.url)
  return server.stop
}
