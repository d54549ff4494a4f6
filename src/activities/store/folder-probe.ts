import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { STATE_FOLDER } from '../../domain/dataset/layout.ts';
import { storeErrorFrom } from '../../domain/failure/store-failure.ts';
import type { StoreRef } from '../../domain/run/request.ts';
import { checkStore } from './store-identity.ts';
import type { WriterProcess } from './writer.ts';

/**
 * Whose fault an input/output error at one file is: asks the folder itself, by reading who it is and by bringing some
 * bytes to the disk. Throws the StoreError where the folder fails too; a full disk is another matter.
 */
export async function probeFolder(store: StoreRef, writer: WriterProcess): Promise<void> {
  await checkStore(store);
  const path = join(store.path, STATE_FOLDER, `${writer.name}.probe`);
  try {
    const handle = await open(path, 'w');
    try {
      await handle.writeFile('probe\n');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rm(path, { force: true });
  } catch (error) {
    const failure = storeErrorFrom(error, `store [path=${store.path}]`);
    if (failure && failure.reason !== 'disk-full') throw failure;
  }
}
