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
    /** A folder for samples that several test files need; gone after the last. */
    samples: string;
  }
}

/** Starts one real Temporal server for the whole test run, in a folder of its own, and a place for what tests share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const state = await mkdtemp(join(tmpdir(), 'ffhq-test-server-'));
  const samples = await mkdtemp(join(tmpdir(), 'ffhq-test-samples-'));
  const config = { ...readConfig(process.env), stateDir: state };
  const server = await ensureEmbeddedServer({ config, onLine: (line) => console.log(line) });
  server.supervise();
  project.provide('temporalAddress', server.address);
  project.provide('temporalUi', server.uiAddress);
  project.provide('samples', samples);
  return async () => {
    await server.release();
    for (const folder of [state, samples]) await rm(folder, { recursive: true, force: true });
  };
}
