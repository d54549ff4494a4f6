import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { OriginalError, openOriginal } from '../../../../src/activities/align/threads/open-original.ts';
import { pictureNeeds } from '../../../../src/activities/align/threads/picture-memory.ts';
import { md5InTurns } from '../../../../src/activities/hash/hash-bytes.ts';
import { ReusedBuffers } from '../../../../src/activities/hash/reused-buffers.ts';
import { makeRows } from '../../../../src/activities/kernels/make-rows.ts';
import { pictureSize } from '../../../../src/activities/manifest/picture-size.ts';
import { decodeRaw } from '../../../../src/activities/png/decode-photo.ts';
import { PngDecoder } from '../../../../src/activities/png/png-decoder.ts';
import { isPlainRgb, readRows } from '../../../../src/activities/png/read-rows.ts';
import { readRowsAtOnce } from '../../../../src/activities/png/read-rows-at-once.ts';
import { UndecodablePngError } from '../../../../src/activities/png/undecodable-png.ts';
import { verifyFile } from '../../../../src/activities/verify/verify-file.ts';
import { md5Of } from '../../../../src/domain/dataset/digest.ts';
import { plainRows } from '../../../../src/domain/kernels/png-rows/plain.ts';
import { type PngHeader, parsePngHeader } from '../../../../src/domain/png/png-header.ts';
import { readWebpHeader } from '../../../../src/domain/png/webp-header.ts';
import { wholePicture } from '../../../../src/domain/raster/picture-rows.ts';
import { filtered } from '../../../activities/png/png-pieces.ts';
import { hostileBytes, spoilt } from '../../hostile/bytes.ts';
import { law } from '../../law.ts';

const never = new AbortController().signal;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A chunk, and what may be wrong with its frame. */
const frame = fc.record({
  at: fc.nat(8),
  how: fc.constantFrom('drop', 'twice', 'first', 'type', 'length', 'sum', 'bytes', 'cut in two', 'empty'),
  type: fc.constantFrom(
    'IDAT',
    'IEND',
    'IHDR',
    'PLTE',
    'tRNS',
    'iCCP',
    'fdAT',
    'idat',
    '\0\0\0\0',
    'zTXt',
    'acTL',
  ),
  length: fc.constantFrom(0, 1, 12, 0x7fffffff, 0x80000000, 0xffffffff),
  bytes: hostileBytes(2),
});

const header = fc.record({
  width: fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    fc.constantFrom(0, 1, 3, 100, 3_000, 0x7fffffff, 0xffffffff),
  ),
  height: fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    fc.constantFrom(0, 1, 3, 100, 3_000, 0x7fffffff, 0xffffffff),
  ),
  depth: fc.oneof({ weight: 9, arbitrary: fc.constant(8) }, fc.constantFrom(0, 1, 2, 4, 16, 255)),
  colour: fc.oneof({ weight: 9, arbitrary: fc.constant(2) }, fc.constantFrom(0, 1, 3, 4, 6, 255)),
  rest: fc.oneof(
    { weight: 9, arbitrary: fc.constant([0, 0, 0]) },
    fc.constantFrom([0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 9]),
  ),
});

/** A picture of rows with any filters, and what is done to its rows, their stream, its chunks, its file. */
const picture = fc.record({
  size: fc.record({ width: fc.integer({ min: 1, max: 60 }), height: fc.integer({ min: 1, max: 40 }) }),
  filters: fc.array(fc.constantFrom(0, 1, 2, 3, 4), { minLength: 1, maxLength: 8 }),
  header,
  /** Rows less or more than the header says. */
  rows: fc.oneof(
    { weight: 30, arbitrary: fc.constant(0) },
    { weight: 8, arbitrary: fc.integer({ min: -40, max: 40 }) },
    fc.constant(200_000),
  ),
  level: fc.constantFrom(0, 1, 9),
  pixels: hostileBytes(2),
  stream: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, hostileBytes(2)),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
  frames: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(frame, { maxLength: 3 })),
  file: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, hostileBytes(3)),
  piece: fc.integer({ min: 1, max: 5_000 }),
});
type HostilePicture = typeof picture extends fc.Arbitrary<infer Value> ? Value : never;

function pngOf({
  size,
  filters,
  header: said,
  rows,
  level,
  pixels,
  stream,
  cuts,
  frames,
  file,
}: HostilePicture): Buffer {
  const { width, height } = size;
  const count = Math.max(0, height + rows);
  const noise = Buffer.from(
    Array.from({ length: width * 3 * Math.min(count, height + 40) }, (_, at) => (at * 31) ^ (at >> 3)),
  );
  const each = Array.from(
    { length: Math.min(count, height + 40) },
    (_, row) => filters[row % filters.length] ?? 0,
  );
  const whole = filtered(noise, width, each);
  // A bomb: as many empty rows as its stream can hold.
  const raw = spoilt(
    rows > 40 ? Buffer.concat([whole, Buffer.alloc(rows * (1 + width * 3))]) : whole,
    pixels,
  );
  const compressed = spoilt(deflateSync(raw, { level }), stream);
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(said.width ?? width, 0);
  ihdr.writeUInt32BE(said.height ?? height, 4);
  ihdr.set([said.depth, said.colour, ...said.rest], 8);
  const places = [0, ...cuts.map((share) => Math.floor(share * compressed.length)), compressed.length].sort(
    (a, b) => a - b,
  );
  let chunks: Chunk[] = [
    { type: 'IHDR', data: ihdr },
    { type: 'tEXt', data: Buffer.from('Comment\0IDAT IEND') },
    ...places.slice(1).map((to, nth) => ({ type: 'IDAT', data: compressed.subarray(places[nth], to) })),
    { type: 'IEND', data: Buffer.alloc(0) },
  ];
  for (const one of frames) chunks = reframed(chunks, one);
  return spoilt(Buffer.concat([SIGNATURE, ...chunks.map(written)]), file);
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  readonly length?: number;
  readonly sum?: number;
}

function reframed(
  chunks: readonly Chunk[],
  { at, how, type, length, bytes }: typeof frame extends fc.Arbitrary<infer Value> ? Value : never,
): Chunk[] {
  const nth = at % Math.max(1, chunks.length);
  const one = chunks[nth];
  if (one === undefined) return [];
  const [before, behind] = [chunks.slice(0, nth), chunks.slice(nth + 1)];
  const half = one.data.length >> 1;
  const others: Record<typeof how, readonly Chunk[]> = {
    drop: [],
    twice: [one, one],
    first: [],
    type: [{ ...one, type }],
    length: [{ ...one, length }],
    sum: [{ ...one, sum: length }],
    bytes: [{ ...one, data: spoilt(one.data, bytes) }],
    'cut in two': [
      { ...one, data: one.data.subarray(0, half) },
      { ...one, data: one.data.subarray(half) },
    ],
    empty: [{ ...one, data: Buffer.alloc(0) }, one],
  };
  return how === 'first' ? [one, ...before, ...behind] : [...before, ...others[how], ...behind];
}

function written({ type, data, length, sum }: Chunk): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [head, tail] = [Buffer.alloc(4), Buffer.alloc(4)];
  head.writeUInt32BE(length ?? data.length);
  tail.writeUInt32BE(sum ?? crc32(body));
  return Buffer.concat([head, body, tail]);
}

/** The pixels, or undefined where they are refused in the way that is ours. */
async function refused<Value>(work: () => Value | Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UndecodablePngError || error instanceof OriginalError) return undefined;
    throw error;
  }
}

function* inPieces(bytes: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** Rows go on from the last ones, and are no more than there should be. */
function collecting({ width, height }: PngHeader) {
  const parts: Buffer[] = [];
  let next = 0;
  return {
    onRows: (pixels: Uint8Array, firstRow: number) => {
      if (firstRow !== next) throw new Error(`rows: expected ${next} next, got ${firstRow}`);
      next += pixels.length / (width * 3);
      if (next > height) throw new Error(`rows: expected ${height}, got ${next}`);
      parts.push(Buffer.from(pixels));
      return true;
    },
    whole: () => Buffer.concat(parts),
  };
}

/** Larger ones take their memory by right, once what they say of themselves is what the manifest says. */
const MOST_PIXELS = 10_000_000;

export const pngRows = law('png-rows', 80, picture, async (one) => {
  const png = pngOf(one);
  const head = parsePngHeader(png);
  if (head === undefined || !isPlainRgb(head) || head.width * head.height > MOST_PIXELS || head.width === 0)
    return;
  const read: (Buffer | undefined)[] = [];
  for (const rows of [plainRows, makeRows()]) {
    const streamed = collecting(head);
    read.push(
      await refused(() =>
        readRows(inPieces(png, one.piece), head, rows, streamed.onRows).then(streamed.whole),
      ),
    );
    const atOnce = collecting(head);
    const all = () => readRowsAtOnce(png, head, rows, atOnce.onRows);
    read.push(
      await refused(() => {
        all();
        return atOnce.whole();
      }),
    );
  }
  const [first, ...others] = read;
  if (first !== undefined && first.length !== head.width * head.height * 3)
    throw new Error('pixels: expected all of them or none');
  for (const other of others) {
    const isSame = first === undefined ? other === undefined : other !== undefined && first.equals(other);
    if (!isSame)
      throw new Error(
        `pixels: expected the same by each way, got ${read.map((each) => each && md5Of(each))}`,
      );
  }
  if (first === undefined) return;
  const known = await refused(() => decodeRaw(png, 3));
  if (known && !known.data.equals(first))
    throw new Error('pixels: expected those that libvips sees, got others');
});

const decoder = new PngDecoder();
const buffers = new ReusedBuffers();
const rowsOf = makeRows();

export const pngFiles = law('png-files', 40, picture, async (one, { store }) => {
  await expectBounded(pngOf(one), join(store, 'a.png'), { width: one.size.width, height: one.size.height });
});

/** Bases that are no PNG of the usual kind: interlaced, grey, with alpha, 16 bit, palette, JPEG, WebP. */
const bases = new Map<number, Promise<Buffer>>();
const MOST_BASES = 8;

function baseOf(nth: number): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 120, sigma: 50 } as const;
  const image = () => sharp({ create: { width: 37, height: 23, channels: 3, background: 'teal', noise } });
  const makers: readonly (() => Promise<Buffer>)[] = [
    () => image().png({ progressive: true }).toBuffer(),
    () => image().toColourspace('b-w').png().toBuffer(),
    () => image().ensureAlpha(0.5).png().toBuffer(),
    () => image().toColourspace('rgb16').png().toBuffer(),
    () => image().png({ palette: true }).toBuffer(),
    () => image().jpeg().toBuffer(),
    () => image().jpeg({ progressive: true }).toBuffer(),
    () => image().webp().toBuffer(),
  ];
  const made =
    bases.get(nth) ?? (makers[nth] ?? makers[0])?.() ?? Promise.reject(new Error('no such picture'));
  bases.set(nth, made);
  return made;
}

export const photographs = law(
  'photographs',
  60,
  fc.record({ of: fc.nat(MOST_BASES - 1), bytes: hostileBytes(4) }),
  async ({ of, bytes }, { store }) => {
    await expectBounded(spoilt(await baseOf(of), bytes), join(store, 'a.png'), { width: 37, height: 23 });
  },
);

/** Every way in which a picture's file is looked at: each ends, with an answer or a refusal of ours. */
async function expectBounded(
  file: Buffer,
  path: string,
  size: { readonly width: number; readonly height: number },
): Promise<void> {
  writeFileSync(path, file);
  const pixels = { ...size, md5: md5Of(Buffer.from('none')) };
  const spec = {
    kind: 'wilds',
    key: '7',
    url: '',
    path: 'a.png',
    size: file.length,
    md5: md5Of(file),
    pixels,
  } as const;
  const fd = openSync(path, 'r');
  try {
    const verdict = await verifyFile(spec, fd, { decoder, md5: md5InTurns, buffers }, never);
    if (verdict.status !== 'wrong' || verdict.failure.detail.length > 400)
      throw new Error(`verdict: expected wrong pixels, got ${JSON.stringify(verdict)}`);
  } finally {
    closeSync(fd);
  }
  const seen = await pictureSize(path);
  const corner = { nw: [0, 0], sw: [0, size.height], se: [size.width, size.height], ne: [size.width, 0] };
  const crop = { quad: [corner.nw, corner.sw, corner.se, corner.ne] as never, size: size.width };
  const task = { original: { path }, crop, enablePadding: true, fileIdentical: false, output: '' };
  const needs = await pictureNeeds(task, file.length, async (at, length) => file.subarray(at, at + length));
  if (!(needs.bytes >= file.length && needs.bytes < 8 * 1024 ** 3))
    throw new Error(`needs: expected a number of bytes, got ${needs.bytes}`);
  if (seen !== undefined && seen.width * seen.height > MOST_PIXELS) return;
  const original = await refused(() => openOriginal(file, rowsOf));
  if (original === undefined) return;
  const box = {
    left: 0,
    top: 0,
    right: Math.min(8, original.size.width),
    bottom: Math.min(8, original.size.height),
  };
  const read = await refused(async () => wholePicture(await original.read(box)));
  if (read && read.data.length !== 3 * box.right * box.bottom) throw new Error('box: expected all of it');
}

/** Chunks of a WebP, true and false. */
const webpChunk = fc.record({
  tag: fc.constantFrom('VP8L', 'VP8 ', 'VP8X', 'ALPH', 'ANIM', 'ICCP', 'EXIF', '\0\0\0\0'),
  said: fc.option(fc.constantFrom(0, 4, 5, 10, 0x7fffffff, 0xffffffff), { nil: undefined, freq: 4 }),
  data: fc.uint8Array({ maxLength: 24 }),
});

/** What its chunks say of a WebP is a size within what the format knows, or a sentence; no byte outside of it is asked for. */
export const webpHeaders = law(
  'webp-headers',
  200,
  fc.record({
    chunks: fc.array(webpChunk, { maxLength: 20 }),
    riff: fc.option(fc.constantFrom(0, 4, 0xffffffff), { nil: undefined, freq: 6 }),
    spoil: hostileBytes(2),
  }),
  ({ chunks, riff, spoil }) => {
    const parts = chunks.map(({ tag, said, data }) => {
      const head = Buffer.alloc(8);
      head.write(tag, 'latin1');
      head.writeUInt32LE(said ?? data.length, 4);
      return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
    });
    const body = Buffer.concat(parts);
    const front = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
    front.writeUInt32LE(riff ?? body.length + 4, 4);
    const header = readWebpHeader(spoilt(Buffer.concat([front, body]), spoil));
    if ('problem' in header) {
      if (!/^expected .+, got .+$/.test(header.problem)) throw new Error(header.problem);
      return;
    }
    for (const side of [header.width, header.height])
      if (!Number.isInteger(side) || side < 1 || side > 16_384) throw new Error(`a side of ${side}`);
  },
);
