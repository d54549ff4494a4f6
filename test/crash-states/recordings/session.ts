import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { connectClient, settingsForAddress } from '../../../src/temporal/connection.ts';
import { type Datasets, makeDatasets } from './datasets.ts';
import { Ffhq } from './ffhq.ts';
import { recordAll } from './record.ts';
import type { Recording } from './recording.ts';

/** All that was recorded in one go; states are reproduced from it alone. */
export interface Recordings {
  readonly datasets: Datasets;
  readonly recordings: readonly Recording[];
}

const FILE = 'recordings.bin';

function ffhqIn(root: string, address: string): Ffhq {
  const folder = join(root, 'user');
  mkdirSync(folder, { recursive: true });
  return new Ffhq({ folder, address, taskQueue: `crash-states-${process.pid}` });
}

/** Where the last recordings of the command or of the test stay, so that their states can be looked at one by one. */
export function recordingFolder(of: 'command' | 'test'): string {
  return fileURLToPath(new URL(`../../../node_modules/.cache/ffhq-crash-states/${of}`, import.meta.url));
}

/** Makes the datasets and records every command anew, against the Temporal server at `address`, all below `folder`. */
export async function recordAnew(address: string, folder: string): Promise<Recordings> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // As traces name it.
  const root = realpathSync(folder);
  const settings = { ...settingsForAddress(address, 'default'), configured: true };
  const { client, connection } = await connectClient(settings);
  try {
    const ffhq = ffhqIn(root, address);
    const datasets = await makeDatasets(root, ffhq);
    const recordings: Recordings = {
      datasets,
      recordings: await recordAll({ ffhq, client, datasets, root }),
    };
    writeFileSync(join(root, FILE), serialize(recordings));
    return recordings;
  } finally {
    await connection.close();
  }
}

/** What was recorded there last. */
export function lastRecordings(root: string): Recordings {
  const file = join(root, FILE);
  if (!existsSync(file)) throw new Error(`recordings [${file}]: expected some, got none; judge states first`);
  return deserialize(readFileSync(file)) as Recordings;
}
