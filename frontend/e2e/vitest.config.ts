import { defineConfig } from 'vitest/config'

/** The page in a browser, before the real server: `npm run test:browser`. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['e2e/**/*.e2e.ts'],
    globalSetup: ['e2e/support/global.ts'],
    // One browser and one server at a time are enough for a machine with two cores.
    fileParallelism: false,
    // Generous, because the machine may be busy; nothing here waits longer than it must.
    testTimeout: 120_000,
    hookTimeout: 90_000,
  },
})
