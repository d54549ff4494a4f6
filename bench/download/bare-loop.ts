/**
 * The other thing: no Temporal, no records, no resume; the same bytes fetched, verified, synced and renamed, 32 in
 * flight. Usage: bare-loop.ts MANIFEST OUT FIELD
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { Agent, request } from 'undici';

interface Spec {
  readonly file_url: string;
  readonly file_path: string;
  readonly file_size: number;
  readonly file_md5: string;
  readonly pixel_md5: string;
}

const IN_FLIGHT = 32;
const [manifest = '', out = '', field = ''] = process.argv.slice(2);
sharp.cache(false);
sharp.concurrency(1);
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

const records = JSON.parse(await readFile(manifest, 'utf8')) as Record<string, Record<string, Spec>>;
const specs = Object.values(records).map((record) => record[field]);
for (const folder of new Set(specs.map((spec) => dirname(spec?.file_path ?? '')))) {
  await mkdir(join(out, folder), { recursive: true });
}
const dispatcher = new Agent({ connections: IN_FLIGHT });
let next = 0;

async function lane(): Promise<void> {
  for (let spec = specs[next++]; spec !== undefined; spec = specs[next++]) {
    const target = join(out, spec.file_path);
    const { body } = await request(spec.file_url, { dispatcher });
    const handle = await open(`${target}.part`, 'wx+');
    let at = 0;
    for await (const chunk of body)
      at += (await handle.write(chunk as Buffer, 0, (chunk as Buffer).length, at)).bytesWritten;
    const bytes = Buffer.allocUnsafe(at);
    await handle.read(bytes, 0, at, 0);
    const pixels = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    if (at !== spec.file_size || md5(bytes) !== spec.file_md5 || md5(pixels) !== spec.pixel_md5) {
      throw new Error(`bare loop [file=${spec.file_path}]: expected the manifest's bytes`);
    }
    await handle.sync();
    await handle.close();
    await rename(`${target}.part`, target);
  }
}
await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
await dispatcher.close();
