import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

/** Where `npm run dev` finds the API: a running `dfpipe run pipelines/serve.yaml`. */
const server = process.env.DFPIPE_SERVER ?? 'http://127.0.0.1:5001'
const apiPaths = ['/predict', '/v1', '/livez', '/readyz', '/metrics', '/openapi.json']

export default defineConfig({
  plugins: [react()],
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(apiPaths.map((path) => [path, { target: server, changeOrigin: true }])),
  },
  build: {
    target: 'es2022',
    // The server's content policy allows no inline pictures but data:, and files are cached better than bytes in CSS.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    restoreMocks: true,
    // Only against tests that hang: nothing here is timed.
    testTimeout: 30_000,
    unstubGlobals: true,
    css: { modules: { classNameStrategy: 'non-scoped' } },
    // Only components need a document, and making one takes longer than most tests.
    projects: [
      { extends: true, test: { name: 'logic', environment: 'node', include: ['src/**/*.test.ts'] } },
      { extends: true, test: { name: 'components', environment: 'happy-dom', include: ['src/**/*.test.tsx'] } },
    ],
  },
})
