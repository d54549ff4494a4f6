import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ImageKind } from '../src/domain/kinds.ts';
import { makeTinyDataset } from '../src/sample/make-tiny-dataset.ts';

/** A dataset on nginx on loopback, whose `file_url`s lead there, so that every contestant asks the same origin. */
export interface Origin {
  readonly base: string;
  readonly manifest: string;
  readonly manifestMd5: string;
  readonly files: number;
  readonly bytes: number;
  close(): Promise<void>;
}

const PORT = 18_480;

export async function startOrigin(
  kind: ImageKind,
  records: number,
  side: number,
  noiseBits: number,
): Promise<Origin> {
  const folder = join(homedir(), '.cache/ffhq/bench', `${kind}-${records}-${side}-${noiseBits}`);
  await makeTinyDataset({ folder, records, kinds: [kind], pngSize: side, noiseBits });
  const base = `http://127.0.0.1:${PORT}`;
  const { manifest, bytes, md5 } = await rewriteManifest(folder, base);
  const conf = join(folder, 'nginx.conf');
  await writeFile(
    conf,
    `daemon off; user root; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
     events { worker_connections 512; }
     http { access_log off; sendfile on; keepalive_requests 100000; types { image/png png; text/plain txt; application/json json; }
       server { listen 127.0.0.1:${PORT}; root ${folder}; } }`,
  );
  const nginx = spawn('nginx', ['-c', conf], { stdio: 'inherit' });
  await untilAnswers(`${base}/LICENSE.txt`);
  return {
    base,
    manifest,
    manifestMd5: md5,
    files: records,
    bytes,
    close: async () => {
      nginx.kill('SIGTERM');
      await once(nginx, 'exit');
    },
  };
}

async function rewriteManifest(folder: string, base: string) {
  const manifest = join(folder, 'bench-manifest.json');
  const records = JSON.parse(await readFile(join(folder, 'ffhq-dataset-v2.json'), 'utf8')) as Record<
    string,
    Record<string, { file_url?: string; file_path?: string; file_size?: number }>
  >;
  let bytes = 0;
  const out = createWriteStream(manifest);
  let separator = '{';
  for (const [key, record] of Object.entries(records)) {
    for (const part of Object.values(record)) {
      if (part?.file_path === undefined) continue;
      part.file_url = `${base}/${part.file_path}`;
      bytes += part.file_size ?? 0;
    }
    if (!out.write(`${separator}${JSON.stringify(key)}:${JSON.stringify(record)}`)) await once(out, 'drain');
    separator = ',\n';
  }
  out.end('}');
  await once(out, 'close');
  const hash = createHash('md5');
  for await (const chunk of createReadStream(manifest)) hash.update(chunk as Buffer);
  await stat(manifest);
  return { manifest, bytes, md5: hash.digest('hex') };
}

async function untilAnswers(url: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      if (Date.now() > deadline) throw new Error(`origin [url=${url}]: expected an answer within 10 s`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function emptyFolder(name: string): Promise<string> {
  const folder = join(homedir(), '.cache/ffhq/bench/out', `${name}-${Date.now()}`);
  await mkdir(folder, { recursive: true });
  return folder;
}
