import { defineConfig } from 'vitest/config';

/** For `tools/record-histories.mjs` only: records instead of testing. */
export default defineConfig({
  test: {
    globalSetup: ['test/support/global-server.ts'],
    include: ['test/replay/record-histories.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
