/**
 * Verifying downloaded pictures with all processors: this program, and the same one with sharp for a decoder and
 * node:crypto for the digests, alternating. npm run bench:verify -- [dataset's folder] [rounds]; default: the sample
 * maker's 1024x1024 images.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FileSpec } from '../../src/domain/dataset/file-spec.ts';
import type { Md5 } from '../../src/domain/dataset/ids.ts';
import { makeSample } from '../../src/sample/make-sample.ts';
import { median } from '../measure.ts';
import type { Contestant, Work } from './thread.ts';

interface Published {
  readonly image: {
    readonly file_path: string;
    readonly file_size: number;
    readonly file_md5: Md5;
    readonly pixel_size: readonly [number, number];
    readonly pixel_md5: Md5;
  };
}

const CONTESTANTS: Readonly<Record<Contestant, string>> = {
  ours: 'ours',
  sharp: 'sharp and node:crypto',
  'sharp-together': 'sharp, with our digests',
};
const TIMES = 4;

const [given, roundsText] = process.argv.slice(2);
const rounds = Number(roundsText ?? 5);
const folder = given ?? join(homedir(), '.cache/ffhq/bench/sample-200');
if (given === undefined) await makeSample({ folder, records: 200 });
const manifest: Record<string, Published> = JSON.parse(
  await readFile(join(folder, 'ffhq-dataset-v2.json'), 'utf8'),
);
const specs = Object.entries(manifest).map(([key, { image }]): FileSpec => {
  const [width, height] = image.pixel_size;
  return {
    kind: 'images',
    key,
    url: '',
    path: image.file_path,
    size: image.file_size,
    md5: image.file_md5,
    pixels: { width, height, md5: image.pixel_md5 },
  };
});
const threads = Array.from(
  { length: availableParallelism() },
  () => new Worker(new URL('./thread.mjs', import.meta.url), { execArgv: [] }),
);
const seconds = new Map<Contestant, number[]>();
const cpu = new Map<Contestant, number[]>();
const contestants = Object.keys(CONTESTANTS) as Contestant[];
for (let round = 0; round <= rounds; round++) {
  for (const contestant of contestants) {
    const [started, used] = [performance.now(), process.cpuUsage()];
    await Promise.all(threads.map((thread) => verifiedBy(thread, contestant)));
    const { user, system } = process.cpuUsage(used);
    // The first round warms them up.
    if (round === 0) continue;
    seconds.set(contestant, [...(seconds.get(contestant) ?? []), (performance.now() - started) / 1000]);
    cpu.set(contestant, [...(cpu.get(contestant) ?? []), (user + system) / 1e6]);
  }
}
await Promise.all(threads.map((thread) => thread.terminate()));
const files = specs.length * TIMES * threads.length;
const rateOf = (contestant: Contestant) => files / median(seconds.get(contestant) ?? []);
for (const contestant of contestants) {
  console.log(
    `${CONTESTANTS[contestant]}: ${rateOf(contestant).toFixed(0)} verified images/s by ${threads.length} threads, ` +
      `${((1000 * median(cpu.get(contestant) ?? [])) / files).toFixed(1)} ms of CPU each; ` +
      `ours ${(rateOf('ours') / rateOf(contestant)).toFixed(2)}x`,
  );
}

async function verifiedBy(thread: Worker, contestant: Contestant): Promise<void> {
  thread.postMessage({ contestant, folder, specs, times: TIMES } satisfies Work);
  // A thread that dies rejects it.
  await once(thread, 'message');
}
