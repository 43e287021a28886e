import {fileURLToPath} from 'node:url'
import {defineConfig} from 'vitest/config'
import root from '../vitest.config.js'

// As the root's tests, with what is installed here.
export default defineConfig({
  root: import.meta.dirname,
  test: {
    ...root.test,
    // Browsers on a busy machine take their time.
    expect: {poll: {timeout: 15_000}},
    include: ['*.test.ts'],
    env: {...root.test?.env, NEXT_TELEMETRY_DISABLED: '1', NODE_TLS_REJECT_UNAUTHORIZED: '0'},
    execArgv: [
      '--import',
      fileURLToPath(new URL('../test/support/typescript.mjs', import.meta.url)),
      '--enable-source-maps',
    ],
  },
})
