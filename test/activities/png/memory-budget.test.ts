import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { md5Of } from '../../../src/domain/dataset/digest.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-test-memory-'));
});
afterAll(() => rm(folder, { recursive: true }));

const side = 4_000;
const built = (file: string) => new URL(`../../../dist/activities/${file}`, import.meta.url).href;

/** A process of its own, so that its memory is its own: verifies the file with three threads, twelve times at once. */
const program = `
const [threads, budget, path, spec] = process.argv.slice(1);
const { VerifyThreads } = await import(threads);
const { makeMemoryBudget } = await import(budget);
const verifier = new VerifyThreads(3, makeMemoryBudget(100 * 1024 ** 2));
const never = new AbortController().signal;
(await import('node:events')).setMaxListeners(0, never);
const twelve = () => Promise.all(Array.from({ length: 12 }, () => verifier.verify(JSON.parse(spec), path, never)));
const before = process.resourceUsage().maxRSS;
const verdicts = await twelve();
console.log(JSON.stringify({
  right: verdicts.filter(({ status }) => status === 'right').length,
  mib: (process.resourceUsage().maxRSS - before) / 1024,
}));
await verifier.close();
`;

test('twelve large pictures of a small file in three threads take the memory of one', async () => {
  const pixels = Buffer.alloc(side * side * 4, 7);
  const png = await sharp(pixels, { raw: { width: side, height: side, channels: 4 } })
    .png()
    .toBuffer();
  const path = join(folder, 'large.png');
  await writeFile(path, png);
  const spec = {
    ...{ kind: 'wilds', key: '7', url: '', path: 'large.png', size: png.length, md5: md5Of(png) },
    pixels: { width: side, height: side, md5: md5Of(pixels) },
  };
  const args = [built('verify/verify-threads.js'), built('png/memory-budget.js'), path, JSON.stringify(spec)];
  const answer = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', program, ...args], { encoding: 'utf8' }),
  );
  console.log(
    `twelve of 64 MB in a budget of 100 MiB: ${answer.mib.toFixed(0)} MiB above the process before`,
  );
  expect(png.length).toBeLessThan(500_000);
  expect(answer.right).toBe(12);
  expect(answer.mib).toBeLessThan(300);
});
