import { open, readFile, rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';

const MIB = 1024 ** 2;

/** For the programs that are measured. */
const LEFT_FREE_MIB = 2048;

/**
 * Keeps the memory that no program uses full of a file's bytes, as on any machine that has been at work for a while. On a
 * virtual machine whose host gives memory only when it is first used, and takes back what is free, 1 GiB of page cache may
 * cost some seconds the first time and a tenth of that later: who comes first would pay for those behind him.
 */
export class FullCache {
  readonly #path: string;
  #bytes = 0;

  constructor(folder: string) {
    this.#path = join(folder, 'full-cache');
  }

  /** Writes the file at first; later reads what others have pushed out. */
  async fill(): Promise<void> {
    const piece = Buffer.alloc(8 * MIB);
    const file = await open(this.#path, this.#bytes === 0 ? 'w+' : 'r+');
    try {
      for (let at = 0; at < this.#bytes; at += piece.length) await file.read(piece, 0, piece.length, at);
      while (this.#bytes < totalmem() && (await freeMib()) > LEFT_FREE_MIB) {
        for (let written = 0; written < 512 * MIB; written += piece.length)
          await file.write(piece, 0, piece.length, this.#bytes + written);
        this.#bytes += 512 * MIB;
        await file.datasync();
      }
    } finally {
      await file.close();
    }
  }

  async close(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

async function freeMib(): Promise<number> {
  const found = /^MemFree:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'));
  return Number(found?.[1]) / 1024;
}
