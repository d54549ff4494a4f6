import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { readConfig } from '../../src/config.ts';
import { ensureEmbeddedServer } from '../../src/server/embedded-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of a real Temporal server that all tests share, each with a task queue of its own. */
    temporalAddress: string;
    temporalUi: string;
  }
}

/** Starts one real Temporal server for the whole test run, in a folder of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const state = await mkdtemp(join(tmpdir(), 'ffhq-test-server-'));
  const config = { ...readConfig(process.env), stateDir: state };
  const server = await ensureEmbeddedServer({ config, onLine: (line) => console.log(line) });
  server.supervise();
  project.provide('temporalAddress', server.address);
  project.provide('temporalUi', server.uiAddress);
  return async () => {
    await server.release();
    await rm(state, { recursive: true, force: true });
  };
}
