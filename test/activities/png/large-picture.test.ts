import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, createDeflate } from 'node:zlib';
import { expect, test } from 'vitest';
import { chunk, headerChunk } from './png-pieces.ts';

const [width, height] = [20_000, 10_000];

/** 200 megapixels of a pattern that packs well; answers the file and the digest of its pixels. */
async function largePng(): Promise<{ png: Buffer; md5: string }> {
  const deflate = createDeflate({ level: 1, strategy: constants.Z_RLE, chunkSize: 1 << 20 });
  const md5 = createHash('md5');
  const packed: Buffer[] = [];
  deflate.on('data', (piece: Buffer) => packed.push(piece));
  const rows = 50;
  const block = Buffer.alloc(rows * (1 + width * 3));
  for (let first = 0; first < height; first += rows) {
    for (let row = 0; row < rows; row++) {
      const start = row * (1 + width * 3);
      block.fill((first + row) % 251, start + 1, start + 1 + width * 3);
      md5.update(block.subarray(start + 1, start + 1 + width * 3));
    }
    await new Promise<void>((resolve, reject) => {
      deflate.write(Buffer.from(block), (error) => (error ? reject(error) : resolve()));
    });
  }
  await new Promise<void>((resolve) => {
    deflate.once('end', resolve);
    deflate.end();
  });
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const png = Buffer.concat([
    signature,
    headerChunk(width, height),
    chunk('IDAT', Buffer.concat(packed)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  return { png, md5: md5.digest('hex') };
}

/** A process of its own, so that its memory is its own. */
const program = `
import { openSync, readFileSync } from 'node:fs';
const [module, verify, path] = process.argv.slice(1);
const { PngDecoder } = await import(module);
const { parsePngHeader } = await import(verify);
const header = parsePngHeader(readFileSync(path).subarray(0, 33));
const decoder = new PngDecoder();
const before = process.resourceUsage().maxRSS;
const md5 = await decoder.pixelMd5({ fd: openSync(path) }, header, 3, new AbortController().signal);
console.log(JSON.stringify({ md5, mib: (process.resourceUsage().maxRSS - before) / 1024 }));
`;

test('a picture of 200 megapixels decodes in less than 150 MB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-test-large-'));
  try {
    const { png, md5 } = await largePng();
    const path = join(folder, 'large.png');
    await writeFile(path, png);
    const built = (file: string) => fileURLToPath(new URL(`../../../dist/${file}`, import.meta.url));
    const args = [built('activities/png/png-decoder.js'), built('domain/png/png-header.js'), path];
    const answer = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', program, ...args], { encoding: 'utf8' }),
    );
    console.log(`200 megapixels: ${answer.mib.toFixed(0)} MiB above the process before`);
    expect(answer.md5).toBe(md5);
    expect(answer.mib).toBeLessThan(150);
  } finally {
    await rm(folder, { recursive: true });
  }
});
