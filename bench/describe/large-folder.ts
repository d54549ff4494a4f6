/** What the verbs that describe a folder take of 70,000 records: seconds and peak memory. npm run bench:describe */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureStore } from '../../src/activities/store/store-identity.ts';
import type { ImageId } from '../../src/domain/dataset/ids.ts';
import { canonicalPath, MANIFEST_FILE, statePaths } from '../../src/domain/dataset/layout.ts';
import { writeScaleManifest } from '../../src/sample/write-scale-manifest.ts';
import { environmentOf, ffhq } from '../contestant.ts';
import { measure } from '../measure.ts';
import { emptyFolder } from '../origin.ts';

const RECORDS = 70_000;
const MOST_MB = 250;

/** Seconds that a command may take, by its words; the first one makes the index, and those after it read it. */
const verbs: readonly (readonly [
  what: string,
  words: readonly string[],
  mostSeconds: number,
  mostMb?: number,
])[] = [
  ['index', ['stats'], 20],
  ['stats', ['stats'], 3],
  ['pie charts', ['stats', '--format', 'png', '--out-file', 'stats.png'], 3],
  ['licences', ['licenses'], 3],
  ['search', ['search', 'zoe'], 2],
  ['show', ['show', '69999'], 5],
  ['attribution', ['attribution'], 10],
  ['metadata', ['metadata', '--format', 'md5,croissant,ro-crate,card,citation'], 20],
  ['exclude', ['exclude', '--ids', '17,35000-35098'], 20],
  // With a worker in it.
  ['purge of 100 records', ['purge'], 120, 300],
];

const cache = join(homedir(), '.cache/ffhq/bench');
await mkdir(cache, { recursive: true });
const out = await emptyFolder('describe');
const state = await emptyFolder('state');
await ensureStore(out);
await writeScaleManifest({ path: join(out, MANIFEST_FILE), records: RECORDS });
// Whether a file is there is told by its name alone.
for (let id = 0; id < RECORDS; id++) {
  const path = join(out, canonicalPath('thumbs', id as ImageId));
  if (id % 1000 === 0) await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
}
let isTooMuch = false;
let indexBytes = 0;
for (const [what, words, most, mostMb = MOST_MB] of verbs) {
  const args = [ffhq, ...words, '--out', out, '--output', 'json'];
  const run = await measure(process.execPath, args, { cwd: out, env: environmentOf(state) });
  const mb = run.peakMb.node ?? Number.NaN;
  const isWithin = run.seconds <= most && mb <= mostMb && run.code === 0;
  isTooMuch ||= !isWithin;
  console.log(
    `${what}: ${run.seconds.toFixed(2)} s (at most ${most}), peak ${mb.toFixed(0)} MB (at most ${mostMb}), ` +
      `exit ${run.code}${isWithin ? '' : ': too much'}`,
  );
  if (what === 'index') indexBytes = (await stat(join(out, statePaths.recordIndex))).size;
}
console.log(`the index has ${(indexBytes / 1e6).toFixed(0)} MB`);
await rm(out, { recursive: true });
await rm(state, { recursive: true });
process.exitCode = isTooMuch ? 1 : 0;
