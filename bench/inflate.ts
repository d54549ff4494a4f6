/**
 * Decoding photographs of FFHQ's usual size on one thread, alternating: inflating by node:zlib and by our own kernel, and
 * the whole way from file to rows by either. npm run bench:inflate -- [PNG files of 8-bit RGB]; default: a picture of 12
 * megapixels as the sample maker draws them, with sensor noise, compressed as Pillow does.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { makeRows } from '../src/activities/kernels/make-rows.ts';
import { idatIn } from '../src/activities/png/idat.ts';
import { pngFile } from '../src/activities/png/png-file.ts';
import { readRowsAtOnce } from '../src/activities/png/read-rows-at-once.ts';
import { allOf } from '../src/domain/kernels/inflate/contract.ts';
import { parsePngHeader } from '../src/domain/png/png-header.ts';
import { addSensorNoise, Background } from '../src/sample/picture/draw-background.ts';
import { median } from './measure.ts';

const ROUNDS = 9;
const [WIDTH, HEIGHT] = [4000, 3000];
/** Data bytes of Pillow's IDAT chunks. */
const IDAT_BYTES = 65_536;

const { inflate, ...rows } = makeRows();
if (inflate === undefined)
  throw new Error('inflate: expected WebAssembly with SIMD on this machine, got none');
const ours = { ...rows, inflate };

const given = process.argv.slice(2);
for (const path of given.length > 0 ? given : [await drawn()]) {
  const file = await readFile(path);
  const header = parsePngHeader(file);
  if (header === undefined) throw new Error(`picture [${path}]: expected a PNG, got something else`);
  const stream = Buffer.concat([...idatIn(file, false)]);
  const bytes = header.height * (1 + 3 * header.width);
  const contestants: Readonly<Record<string, () => void>> = {
    'inflating, node:zlib': () => inflateSync(stream, { chunkSize: bytes + 64 }),
    'inflating, ours': () => {
      const open = inflate.bytes(() => true);
      allOf(open.take(stream));
      allOf(open.finish());
      open.close();
    },
    'decoding, node:zlib': () => readRowsAtOnce(file, header, rows, () => true),
    'decoding, ours': () => readRowsAtOnce(file, header, ours, () => true),
  };
  const taken = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, work] of Object.entries(contestants)) {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      // The first round warms them up.
      if (round > 0) taken.set(name, [...(taken.get(name) ?? []), (user + system) / 1000]);
    }
  }
  const of = (name: string) => median(taken.get(name) ?? []);
  const what = `${header.width}x${header.height}, ${(file.length / 1e6).toFixed(1)} MB`;
  console.log(`${basename(path)} (${what}), milliseconds of the processor, medians of ${ROUNDS}:`);
  for (const work of ['inflating', 'decoding']) {
    const [theirs, own] = [of(`${work}, node:zlib`), of(`${work}, ours`)];
    const speed = `${(bytes / 1000 / own).toFixed(0)} MB/s`;
    console.log(
      `  ${work}: node:zlib ${theirs.toFixed(1)}, ours ${own.toFixed(1)} (${speed}), ${(own / theirs).toFixed(2)} of it`,
    );
  }
}

async function drawn(): Promise<string> {
  const folder = join(homedir(), '.cache/ffhq/bench');
  const path = join(folder, `inflate-${WIDTH}x${HEIGHT}.png`);
  if ((await readFile(path).catch(() => undefined)) !== undefined) return path;
  const picture = { width: WIDTH, height: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT * 3) };
  const background = new Background(7, picture);
  for (let y = 0; y < HEIGHT; y++) {
    background.drawRow(y);
    addSensorNoise(picture, 7, y);
  }
  const stream = deflateSync(rows.filter(picture.data, WIDTH * 3), { level: 6, memLevel: 9 });
  const pieces: Buffer[] = [];
  for (let at = 0; at < stream.length; at += IDAT_BYTES) pieces.push(stream.subarray(at, at + IDAT_BYTES));
  await mkdir(folder, { recursive: true });
  await writeFile(path, pngFile(picture, pieces));
  return path;
}
