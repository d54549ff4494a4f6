/**
 * Verifying downloaded pictures, one after the other as a verifying thread has them: this program, and the same one with sharp alone for a
 * decoder, alternating. npm run bench:verify -- [dataset's folder] [rounds]; default: the sample's 1024x1024 images.
 */
import { open, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { md5InTurns } from '../src/activities/hash-bytes.ts';
import { PngDecoder } from '../src/activities/png.ts';
import { verifyFile } from '../src/activities/verify-file.ts';
import type { FileSpec } from '../src/domain/file-spec.ts';
import type { Md5 } from '../src/domain/ids.ts';
import { makeSample } from '../src/sample/make-sample.ts';
import { median } from './measure.ts';

class SharpAlone extends PngDecoder {
  override async pixelMd5(png: Buffer | string, _header: unknown, _channels: unknown, signal: AbortSignal) {
    const data = await sharp(png, { ignoreIcc: true }).removeAlpha().raw().toBuffer();
    return md5InTurns(data, signal);
  }
}

interface Published {
  readonly image: {
    readonly file_path: string;
    readonly file_size: number;
    readonly file_md5: Md5;
    readonly pixel_size: readonly [number, number];
    readonly pixel_md5: Md5;
  };
}

const IN_FLIGHT = 1;
const TIMES = 2;
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
const { signal } = new AbortController();
const decoders = { ours: new PngDecoder(), sharp: new SharpAlone() };
const seconds: Record<string, number[]> = {};
const cpu: Record<string, number[]> = {};
for (let round = 0; round <= rounds; round++) {
  for (const [name, decoder] of Object.entries(decoders)) {
    const [started, used] = [performance.now(), process.cpuUsage()];
    await verifyAll(decoder);
    const { user, system } = process.cpuUsage(used);
    // The first round warms both up.
    if (round === 0) continue;
    seconds[name] = [...(seconds[name] ?? []), (performance.now() - started) / 1000];
    cpu[name] = [...(cpu[name] ?? []), (user + system) / 1e6];
  }
}
const files = specs.length * TIMES;
for (const name of Object.keys(decoders)) {
  const wall = median(seconds[name] ?? []);
  console.log(
    `${name}: ${(files / wall).toFixed(0)} verified images/s, ${((1000 * median(cpu[name] ?? [])) / files).toFixed(1)} ms of CPU each`,
  );
}
// Threads verify until the processors are busy: processor time decides how many images a second a machine does.
console.log(`ratio of CPU ${(median(cpu.sharp ?? []) / median(cpu.ours ?? [])).toFixed(2)}`);

async function verifyAll(decoder: PngDecoder): Promise<void> {
  const queue = Array.from({ length: TIMES }, () => specs).flat();
  let next = 0;
  const lane = async () => {
    for (let spec = queue[next++]; spec !== undefined; spec = queue[next++]) {
      const path = join(folder, spec.path);
      const handle = await open(path);
      const verdict = await verifyFile(spec, { fd: handle.fd, path }, decoder, signal);
      await handle.close();
      if (verdict.status !== 'right') throw new Error(`${spec.path}: ${JSON.stringify(verdict)}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}
