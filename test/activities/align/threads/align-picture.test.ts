import sharp from 'sharp';
import { expect, test } from 'vitest';
import { alignPicture } from '../../../../src/activities/align/threads/align-picture.ts';
import type { PictureAnswer, PictureTask } from '../../../../src/activities/align/threads/align-task.ts';
import { makeAlignTools } from '../../../../src/activities/kernels/make-align-tools.ts';
import { md5Of } from '../../../../src/domain/dataset/digest.ts';
import type { Md5 } from '../../../../src/domain/dataset/ids.ts';

const tools = makeAlignTools(true);
const [width, height] = [400, 600];

/** Noise, one pixel of it changed. */
function photo(changed?: { readonly x: number; readonly y: number }): Promise<Buffer> {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, at) => ((at * 2_654_435_761) >>> 13) & 0x7f,
  );
  if (changed) data.fill(255, (changed.y * width + changed.x) * 3, (changed.y * width + changed.x) * 3 + 3);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

const right = await photo();
const usual: Omit<PictureTask, 'bytes' | 'original'> = {
  crop: {
    quad: [
      [150, 150],
      [150, 250],
      [250, 250],
      [250, 150],
    ],
    size: 100,
  },
  enablePadding: true,
  fileIdentical: false,
};

function align(bytes: Buffer, options: Partial<PictureTask> = {}): Promise<PictureAnswer> {
  const original = { path: 'original.png', md5: md5Of(right) };
  return alignPicture({ ...usual, original, bytes, ...options }, tools);
}

const made = await align(right);
if (made.status !== 'aligned') throw new Error(`original: expected a picture, got ${made.failure.detail}`);
const published = made.pixelMd5;
const other = md5Of(Buffer.from('other pixels')) as Md5;

test.each([
  ['above the crop', { x: 200, y: 20 }],
  ['beside the crop', { x: 20, y: 200 }],
  ['below the crop', { x: 200, y: 580 }],
])('a pixel changed %s leaves the published picture, and that is what counts', async (_, changed) => {
  const bytes = await photo(changed);
  for (const fileIdentical of [false, true]) {
    expect(await align(bytes, { published, fileIdentical })).toMatchObject({
      status: 'aligned',
      pixelMd5: published,
    });
  }
});

test('a pixel changed inside the crop is a wrong original', async () => {
  const answer = await align(await photo({ x: 200, y: 200 }), { published });
  expect(answer).toMatchObject({ failure: { reason: 'wrong-original' } });
});

test('without published pixels an original is held to its own digest, wherever it was changed', async () => {
  const answer = await align(await photo({ x: 200, y: 580 }));
  expect(answer).toMatchObject({ failure: { reason: 'wrong-original' } });
});

test('the right original whose picture is not the published one is aligned all the same', async () => {
  expect(await align(right, { published: other })).toMatchObject({ status: 'aligned', pixelMd5: published });
});

test.each([
  ['breaks off', (bytes: Buffer) => bytes.subarray(0, 2_000)],
  ['is damaged', (bytes: Buffer) => Buffer.from(bytes).fill(0x55, 1_000, 1_100)],
  ['is no picture', () => Buffer.from('no picture')],
])(
  'an original that %s is wrong where its digest is, and undecodable where that is right',
  async (_, spoil) => {
    const bytes = spoil(right);
    expect(await align(bytes, { published })).toMatchObject({ failure: { reason: 'wrong-original' } });
    const original = { path: 'original.png', md5: md5Of(bytes) };
    expect(await align(bytes, { published, original })).toMatchObject({
      failure: { reason: 'undecodable-original' },
    });
  },
);

test('bytes that another decoder than ours would read are held to their digest first', async () => {
  // Its pixels are the right ones: were it decoded, the picture would prove it.
  const interlaced = await sharp(right).png({ progressive: true }).toBuffer();
  expect(await align(interlaced, { published })).toMatchObject({ failure: { reason: 'wrong-original' } });
  const original = { path: 'original.png', md5: md5Of(interlaced) };
  expect(await align(interlaced, { published, original })).toMatchObject({ pixelMd5: published });
});
