import { defineConfig } from 'vitest/config';

/** For `tools/record-upgrade.mjs` only: records instead of testing. */
export default defineConfig({ test: { include: ['test/upgrade/record-upgrade.ts'] } });
