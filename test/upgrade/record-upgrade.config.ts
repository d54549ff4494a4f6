import { defineConfig } from 'vitest/config';

/** For `tools/record-upgrade.mjs` only: records instead of testing. */
export default defineConfig({ test: { maxWorkers: 1, include: ['test/**/record-{upgrade,json-keys}.ts'] } });
