import {defineConfig} from 'vitest/config'

// Tests run against the build, in plain Node: what is tested is what is shipped, and users' files are loaded by
// Node itself, as they will be. Only the tests' own TypeScript goes through a loader.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    // What runs at once within a file waits for most of its time: outages take the time they take.
    maxConcurrency: 10,
    execArgv: ['--import', './test/support/typescript.mjs', '--enable-source-maps', '--expose-gc'],
    experimental: {viteModuleRunner: false, nodeLoader: false},
    env: {NODE_ENV: 'test', CANDY_SECRET: 'a secret for tests, of more than 32 characters'},
    testTimeout: 10_000,
    // What is polled for comes by itself; a busy machine takes longer.
    expect: {poll: {timeout: 5_000}},
    coverage: {
      provider: 'v8',
      // Judged before source maps lead back to src/.
      include: ['dist/**/*.js'],
      reporter: ['text-summary', 'html'],
    },
  },
})
