import { md5Of } from '../../domain/dataset/digest.ts';
import type { SeenContent } from '../../domain/verify/compare-content.ts';
import { openToRead } from '../folders/real-file.ts';
import type { Placed } from '../partials/partial-file.ts';
import { onDisk } from '../store/file-info.ts';

/** What the first of two files is that are the same, byte for byte; undefined where they differ. Both must fit into the memory. */
export async function sameBytes(path: string, other: string): Promise<(Placed & SeenContent) | undefined> {
  const file = await openToRead(path);
  try {
    const otherFile = await openToRead(other);
    try {
      const info = await file.stat({ bigint: true });
      if (info.size !== (await otherFile.stat({ bigint: true })).size) return undefined;
      const [bytes, otherBytes] = await Promise.all([file.readFile(), otherFile.readFile()]);
      return bytes.equals(otherBytes) ? { ...onDisk(info), md5: md5Of(bytes) } : undefined;
    } finally {
      await otherFile.close();
    }
  } finally {
    await file.close();
  }
}
