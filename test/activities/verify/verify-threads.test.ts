import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';

let folder: string;
let threads: VerifyThreads;
const never = new AbortController().signal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-test-threads-'));
  threads = new VerifyThreads(2);
});
afterEach(async () => {
  await threads.close();
  await rm(folder, { recursive: true });
});

function specOf(bytes: Uint8Array, name = 'a.txt'): FileSpec {
  return { kind: 'licenses', key: name, url: '', path: name, size: bytes.length, md5: md5Of(bytes) };
}

/** As the caller gives them: memory of their own. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text);
  return bytes;
}

function names(name = 'a.txt') {
  return { path: join(folder, `${name}.own`), target: join(folder, name) };
}

test('bytes as promised are put in place, and what is told of them is what lies there', async () => {
  const answer = await threads.place(specOf(bytesOf('right')), { bytes: bytesOf('right'), ...names() });
  expect(answer.status).toBe('placed');
  if (answer.status !== 'placed') return;
  expect(answer.verdict.seen).toEqual({ size: 5, md5: md5Of(bytesOf('right')) });
  const { mtimeNs } = await stat(names().target, { bigint: true });
  expect(answer.placed).toEqual({ size: 5, mtime: String(mtimeNs) });
  expect(await readdir(folder)).toEqual(['a.txt']);
});

test('other bytes are refused, and leave nothing', async () => {
  const answer = await threads.place(specOf(bytesOf('right')), { bytes: bytesOf('wrong'), ...names() });
  expect(answer).toMatchObject({ status: 'wrong', failure: { reason: 'wrong-md5' } });
  expect(await readdir(folder)).toEqual([]);
});

test('what the disk says is told with its code', async () => {
  const place = { bytes: bytesOf('x'), path: join(folder, 'none/x'), target: join(folder, 'x') };
  await expect(threads.place(specOf(bytesOf('x')), place)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(threads.verify(specOf(bytesOf('x')), join(folder, 'y'), never)).rejects.toMatchObject({
    code: 'ENOENT',
  });
});

test('many at once each get their own answer', async () => {
  const texts = Array.from({ length: 100 }, (_, nth) => `file ${nth}`);
  const answers = await Promise.all(
    texts.map((text, nth) =>
      threads.place(specOf(bytesOf(text), `${nth}`), { bytes: bytesOf(text), ...names(`${nth}`) }),
    ),
  );
  expect(answers.every(({ status }) => status === 'placed')).toBe(true);
  for (const [nth, text] of texts.entries())
    expect(await readFile(join(folder, `${nth}`), 'utf8')).toBe(text);
});

test('a long look stops when it is told to, by the caller’s own reason', async () => {
  const path = join(folder, 'large');
  await writeFile(path, '');
  await truncate(path, 2 ** 35);
  const stop = new AbortController();
  const reason = new Error('enough');
  const spec: FileSpec = { kind: 'tfrecords', key: 'large', url: '', path: 'large', size: 2 ** 35 };
  const looking = threads.verify(spec, path, stop.signal, () => stop.abort(reason));
  await expect(looking).rejects.toBe(reason);
});

test('a thread that ends by itself is told to those who wait, and the next file has another', async () => {
  const spec: FileSpec = { kind: 'tfrecords', key: 'z', url: '', path: 'z', size: 2 ** 35 };
  const path = join(folder, 'z');
  await writeFile(path, '');
  await truncate(path, 2 ** 35);
  const looking = threads.verify(spec, path, never);
  const told = expect(looking).rejects.toThrow(/verifying thread/);
  await threads.close();
  await told;
  const answer = await threads.place(specOf(bytesOf('next')), { bytes: bytesOf('next'), ...names() });
  expect(answer.status).toBe('placed');
});

test('a thread that cannot begin is the machine’s fault, and of no file', async () => {
  const stillborn = new URL(
    "data:text/javascript,throw new RangeError('WebAssembly.Instance(): Out of memory')",
  );
  const none = new VerifyThreads(2, undefined, stillborn);
  await expect(none.verify(specOf(bytesOf('x')), join(folder, 'x'), never)).rejects.toMatchObject({
    name: 'StoreError',
    reason: 'machine-short',
  });
  await none.close();
});
