import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
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

export function ffhqIn(root: string, address: string): Ffhq {
  const folder = join(root, 'user');
  mkdirSync(folder, { recursive: true });
  return new Ffhq({ folder, address, taskQueue: `crash-states-${process.pid}` });
}

/** Makes the datasets and records every command, against the Temporal server at `address`, all below `root`. */
export async function recordWith(address: string, root: string): Promise<Recordings> {
  const settings = { ...settingsForAddress(address, 'default'), configured: true };
  const { client, connection } = await connectClient(settings);
  try {
    const ffhq = ffhqIn(root, address);
    const datasets = await makeDatasets(root, ffhq);
    return { datasets, recordings: await recordAll({ ffhq, client, datasets, root }) };
  } finally {
    await connection.close();
  }
}
