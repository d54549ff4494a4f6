import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { withLock } from '../../src/process/owned-lock.ts';
import type { Sample } from '../../src/sample/folder/sample.ts';
import { flagsFor } from '../support/arrived-files.ts';
import { type ServedDataset, serveSample } from '../support/datasets/serve-dataset.ts';

/** What one version left behind in the middle of a run; files lie beside it in `recording.tar.gz`. */
export interface Recording {
  readonly root: string;
  /** Without the absolute paths of the machine that recorded. */
  readonly sample: Omit<Sample, 'files'>;
  readonly files: readonly (readonly [
    id: string,
    file: Sample['files'] extends ReadonlyMap<string, infer F> ? F : never,
  ])[];
  /** MD5 of each aligned image as that version made it, by path below OUT. */
  readonly aligned: Readonly<Record<string, string>>;
}

/** The program's state folder in a recording, below a user's XDG_STATE_HOME. */
export const STATE = 'state/ffhq';

/** Everything of the dataset, fetched in small steps and aligned; the same words for every version. */
export function commandFor(dataset: ServedDataset): string[] {
  return [
    'run',
    ...flagsFor(dataset),
    '--align',
    '--num_threads',
    '48',
    '--chunk_size',
    '4',
    '--align_threads',
    '1',
  ];
}

/**
 * The run's history names the folder, so it lies at the same place whenever it is recorded or restored; one test at a
 * time has it, of all on this host.
 */
export async function atItsPlace(name: string, work: (root: string) => Promise<void>): Promise<void> {
  const root = `/tmp/ffhq-upgrade-${name}`;
  await withLock(`${root}.lock`, { waitMs: 4 * 60_000 }, async () => {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root);
    try {
      await work(root);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
}

/** Where the recording of a version lies. */
function recordingFolder(name: string): string {
  return fileURLToPath(new URL(`./from-${name}/`, import.meta.url));
}

/** Packs `origin`, `out` and the state of the server. */
export function writeRecording(
  name: string,
  recording: Recording,
  folders: readonly [string, string][],
): void {
  const folder = recordingFolder(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Digest records name the moment of a file's last change to the nanosecond, which only this format keeps.
  const packed = folders.flatMap(([from, path]) => ['-C', from, path]);
  execFileSync('tar', ['--format=posix', '-czf', join(folder, 'recording.tar.gz'), ...packed]);
  writeFileSync(join(folder, 'recording.json'), `${JSON.stringify(recording, undefined, 2)}\n`);
}

/** Unpacks the dataset's origin and OUT into `root`, the server's state into `home`, and serves the origin. */
export async function restore(name: string, root: string, home: string) {
  const folder = recordingFolder(name);
  const recording: Recording = JSON.parse(readFileSync(join(folder, 'recording.json'), 'utf8'));
  const unpack = (to: string, ...paths: string[]) =>
    execFileSync('tar', ['-xzf', join(folder, 'recording.tar.gz'), '-C', to, ...paths]);
  unpack(root, 'origin', 'out');
  unpack(home, 'state');
  const dataset = await serveSample({ ...recording.sample, files: new Map(recording.files) }, root);
  onTestFinished(() => dataset.close());
  return { recording, dataset };
}
