import { STATE_FOLDER } from '../../domain/dataset/layout.ts';
import { storeErrorFrom } from '../../domain/failure/store-failure.ts';
import type { StoreRef } from '../../domain/run/request.ts';
import { inFolder } from '../folders/held-folder.ts';
import { createAnew } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';
import { checkStore } from './store-identity.ts';
import type { WriterProcess } from './writer.ts';

/**
 * Whose fault an input/output error at one file is: asks the folder itself, by reading who it is and by bringing some
 * bytes to the disk. Throws the StoreError where the folder fails too; a full disk is another matter.
 */
export async function probeFolder(store: StoreRef, writer: WriterProcess): Promise<void> {
  await checkStore(store);
  try {
    await inFolder(store.path, STATE_FOLDER, async (folder) => {
      const path = `${folder}/${writer.name}.probe`;
      const handle = await createAnew(path);
      try {
        await handle.writeFile('probe\n');
        await handle.sync();
      } finally {
        await handle.close();
      }
      await removeFile(path);
    });
  } catch (error) {
    const failure = storeErrorFrom(error, `store [path=${store.path}]`);
    if (failure && failure.reason !== 'disk-full') throw failure;
  }
}
