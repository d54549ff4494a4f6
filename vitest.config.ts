import { defineConfig } from 'vitest/config';

/** Folders whose tests talk to a real Temporal server or start whole processes. */
const withServer = [
  'test/workflows',
  'test/temporal',
  'test/server',
  'test/process',
  'test/runs',
  'test/commands',
  'test/end-to-end',
  'test/crash-states',
  'test/upgrade',
  'test/ui',
  'test/compose',
];

const shared = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  pool: 'forks' as const,
  // Nobody's own sign-in at Google.
  env: { XDG_CONFIG_HOME: '/nowhere/config' },
};

export default defineConfig({
  test: {
    // For two cores: a test that starts servers and workers keeps half of one busy, and waits for the rest of its time.
    maxWorkers: 3,
    projects: [
      {
        test: {
          ...shared,
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: withServer.map((folder) => `${folder}/**`),
        },
      },
      {
        test: {
          ...shared,
          name: 'server',
          globalSetup: ['test/support/global-server.ts'],
          include: withServer.map((folder) => `${folder}/**/*.test.ts`),
        },
      },
    ],
  },
});
