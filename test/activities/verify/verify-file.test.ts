import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { md5InTurns } from '../../../src/activities/hash/hash-bytes.ts';
import { ReusedBuffers } from '../../../src/activities/hash/reused-buffers.ts';
import { PngDecoder } from '../../../src/activities/png/png-decoder.ts';
import { verifyFile } from '../../../src/activities/verify/verify-file.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';

let folder: string;
const tools = { decoder: new PngDecoder(), md5: md5InTurns, buffers: new ReusedBuffers() };
const never = new AbortController().signal;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-test-png-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** 7 x 5 samples, all different. */
function samples(channels: number): Buffer {
  return Buffer.from(Array.from({ length: 7 * 5 * channels }, (_, at) => (at * 37) % 256));
}

function raw(channels: 1 | 2 | 3 | 4): Sharp {
  return sharp(samples(channels), { raw: { width: 7, height: 5, channels } });
}

/** Puts a chunk behind IHDR. */
function withChunk(png: Buffer, type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([png.subarray(0, 33), length, body, crc, png.subarray(33)]);
}

async function verdictOf(png: Buffer, pixels: Buffer, size = { width: 7, height: 5 }): Promise<string> {
  const path = join(folder, 'x.png');
  await writeFile(path, png);
  const spec: FileSpec = {
    ...{ kind: 'wilds', key: '1', url: '', path: 'x.png', size: png.length, md5: md5Of(png) },
    pixels: { ...size, md5: md5Of(pixels) },
  };
  const handle = await open(path, 'r');
  try {
    const verdict = await verifyFile(spec, handle.fd, tools, never);
    return verdict.status === 'right' ? 'right' : verdict.failure.reason;
  } finally {
    await handle.close();
  }
}

test('RGB, grey and RGB with alpha are hashed as their raw samples', async () => {
  for (const channels of [3, 4] as const)
    expect(await verdictOf(await raw(channels).png().toBuffer(), samples(channels))).toBe('right');
  expect(await verdictOf(await raw(1).toColourspace('b-w').png().toBuffer(), samples(1))).toBe('right');
});

test('a picture with a large text chunk decodes', async () => {
  const text = Buffer.concat([Buffer.from('comment\0'), Buffer.alloc(9 * 1024 ** 2, 'x')]);
  expect(await verdictOf(withChunk(await raw(3).png().toBuffer(), 'tEXt', text), samples(3))).toBe('right');
});

test('neither a colour profile nor an orientation changes the pixels', async () => {
  const tagged = await raw(3).withIccProfile('p3').withMetadata({ orientation: 6 }).png().toBuffer();
  const profiled = await raw(3).keepIccProfile().withIccProfile('p3', { attach: true }).png().toBuffer();
  const pixels = async (png: Buffer) => sharp(png, { ignoreIcc: true }).raw().toBuffer();
  expect(await verdictOf(tagged, await pixels(tagged))).toBe('right');
  expect(await verdictOf(profiled, await pixels(profiled))).toBe('right');
  const gamma = withChunk(await raw(3).png().toBuffer(), 'gAMA', Buffer.from([0, 0, 0x20, 0]));
  expect(await verdictOf(gamma, samples(3))).toBe('right');
});

test('palette, 16-bit and grey pictures with alpha, of which FFHQ has none, are refused as what they are', async () => {
  const greyWithAlpha = await raw(2).toColourspace('b-w').png().toBuffer();
  expect(await verdictOf(greyWithAlpha, samples(2))).toBe('unsupported-png');
  expect(await verdictOf(await raw(3).png({ palette: true }).toBuffer(), samples(3))).toBe('unsupported-png');
  expect(await verdictOf(await raw(3).toColourspace('rgb16').png().toBuffer(), samples(3))).toBe(
    'unsupported-png',
  );
});

test('a truncated or spoilt picture is undecodable, even when its digest is the one promised', async () => {
  const png = await sharp({
    create: {
      width: 64,
      height: 64,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  })
    .png()
    .toBuffer();
  const size = { width: 64, height: 64 };
  const pixels = await sharp(png).raw().toBuffer();
  expect(await verdictOf(png, pixels, size)).toBe('right');
  expect(await verdictOf(png.subarray(0, png.length / 2), pixels, size)).toBe('undecodable-png');
  const spoilt = Buffer.from(png);
  spoilt[png.length - 40] = (spoilt[png.length - 40] ?? 0) ^ 0xff;
  expect(await verdictOf(spoilt, pixels, size)).toMatch(/undecodable-png|wrong-pixel-md5/);
  expect(await verdictOf(Buffer.from('<html>'.repeat(20)), pixels, size)).toBe('not-a-png');
});

test('a picture is judged by its own bytes, whatever the one before it left in memory', async () => {
  const [width, height] = [640, 480];
  const noise = (sigma: number) =>
    sharp({
      create: {
        width,
        height,
        channels: 3,
        background: 'red',
        noise: { type: 'gaussian', mean: 128, sigma },
      },
    }).png();
  const right = await noise(30).toBuffer();
  const pixels = await sharp(right).raw().toBuffer();
  const size = { width, height };
  const idat = right.indexOf('IDAT');
  const emptied = Buffer.concat([
    right.subarray(0, idat - 4),
    withChunk(right, 'IEND', Buffer.alloc(0)).subarray(33, 45),
  ]);
  for (const wrong of [right.subarray(0, right.length - 1000), emptied]) {
    expect(await verdictOf(right, pixels, size)).toBe('right');
    expect(await verdictOf(wrong, pixels, size)).toBe('undecodable-png');
  }
  expect(await verdictOf(await noise(20).toBuffer(), pixels, size)).toBe('wrong-pixel-md5');
  expect(await verdictOf(right, pixels, size)).toBe('right');
});

test('a file is read as it was opened, whatever takes its name meanwhile', async () => {
  const path = join(folder, 'swapped.png');
  for (const options of [{}, { progressive: true }]) {
    await writeFile(path, await raw(3).png(options).toBuffer());
    const spec: FileSpec = {
      ...{ kind: 'wilds', key: '1', url: '', path: 'swapped.png' },
      pixels: { width: 7, height: 5, md5: md5Of(samples(3)) },
    };
    const handle = await open(path, 'r');
    await rm(path);
    await writeFile(path, 'another one');
    const verdict = await verifyFile(spec, handle.fd, tools, never);
    expect(verdict.status).toBe('right');
    // It is still its opener's.
    expect((await handle.stat()).isFile()).toBe(true);
    await handle.close();
  }
});

test('a picture that no other reader would read is undecodable', async () => {
  const png = await raw(3).png().toBuffer();
  const idat = png.indexOf('IDAT') - 4;
  const text = withChunk(png, 'tEXt', Buffer.from('a\0b')).subarray(33, 33 + 12 + 3);
  const critical = withChunk(png, 'ABCD', Buffer.alloc(3));
  const header = Buffer.concat([png.subarray(0, 33), png.subarray(8, 33), png.subarray(33)]);
  const half = Buffer.concat([png.subarray(0, idat), png.subarray(idat, png.length - 12), text]);
  const apart = Buffer.concat([
    half,
    withChunk(png, 'IDAT', Buffer.alloc(0)).subarray(33, 45),
    png.subarray(-12),
  ]);
  for (const file of [critical, header, apart])
    expect(await verdictOf(file, samples(3))).toBe('undecodable-png');
  for (const at of [26, 27, 28]) {
    const unknown = Buffer.from(png);
    unknown[at] = 9;
    expect(await verdictOf(unknown, samples(3))).toBe('not-a-png');
  }
});

test('a bomb is refused by its header and not decoded', async () => {
  const bomb = Buffer.from(await raw(3).png().toBuffer());
  bomb.writeUInt32BE(60_000, 16);
  bomb.writeUInt32BE(60_000, 20);
  const before = process.memoryUsage().rss;
  expect(await verdictOf(bomb, samples(3), { width: 60_000, height: 60_000 })).toBe('too-many-pixels');
  expect(await verdictOf(bomb, samples(3))).toBe('wrong-pixel-size');
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 ** 2);
});

test('other pixels, another size and another digest are told apart', async () => {
  const png = await raw(3).png().toBuffer();
  expect(await verdictOf(png, samples(4))).toBe('wrong-pixel-md5');
  expect(await verdictOf(png, samples(3), { width: 5, height: 7 })).toBe('wrong-pixel-size');
});
