/** Entry of a thread of the comparison: verifies all pictures, with so many in hand as one of the program's has. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { type HashBytes, md5InTurns } from '../../src/activities/hash/hash-bytes.ts';
import { HashTogether } from '../../src/activities/hash/hash-together.ts';
import { ReusedBuffers } from '../../src/activities/hash/reused-buffers.ts';
import { type PictureFile, PngDecoder } from '../../src/activities/png/png-decoder.ts';
import { type VerifyTools, verifyFile } from '../../src/activities/verify/verify-file.ts';
import type { FileSpec } from '../../src/domain/dataset/file-spec.ts';

export type Contestant = 'ours' | 'sharp' | 'sharp-together';

export interface Work {
  readonly contestant: Contestant;
  readonly folder: string;
  readonly specs: readonly FileSpec[];
  readonly times: number;
}

/** As many as a verifying thread has room for. */
const IN_HAND = 8;

class SharpAlone extends PngDecoder {
  readonly #hash: HashBytes;

  constructor(hash: HashBytes) {
    super(hash);
    this.#hash = hash;
  }

  override async pixelMd5(png: PictureFile, _header: unknown, _channels: unknown, signal: AbortSignal) {
    if ('fd' in png) throw new Error('expected pictures that are held in memory');
    const data = await sharp(png, { ignoreIcc: true }).removeAlpha().raw().toBuffer();
    return this.#hash(data, signal);
  }
}

sharp.cache(false);
sharp.concurrency(1);
const hashing = new HashTogether();
const together: HashBytes = (bytes, signal) => hashing.md5(bytes, signal);
const buffers = new ReusedBuffers();
const tools: Readonly<Record<Contestant, VerifyTools>> = {
  ours: { md5: together, decoder: new PngDecoder(together), buffers },
  sharp: { md5: md5InTurns, decoder: new SharpAlone(md5InTurns), buffers },
  'sharp-together': { md5: together, decoder: new SharpAlone(together), buffers },
};
const { signal } = new AbortController();

async function verifyAll({ contestant, folder, specs, times }: Work): Promise<void> {
  const queue = Array.from({ length: times }, () => specs).flat();
  let next = 0;
  const hand = async () => {
    for (let spec = queue[next++]; spec !== undefined; spec = queue[next++]) {
      const path = join(folder, spec.path);
      const fd = openSync(path, 'r');
      const verdict = await verifyFile(spec, fd, tools[contestant], signal);
      closeSync(fd);
      if (verdict.status !== 'right') throw new Error(`${spec.path}: ${JSON.stringify(verdict)}`);
    }
  };
  await Promise.all(Array.from({ length: IN_HAND }, hand));
}

parentPort?.on('message', (work: Work) => {
  void verifyAll(work).then(() => parentPort?.postMessage('done'));
});
