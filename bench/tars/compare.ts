/**
 * Tars of a thousand small pictures on a hub: this project's source, headers and all, against a bare loop that gets each tar
 * whole and knows where its members lie. Both compare each member's MD5 and write it to a file, as many at a time. See
 * bench/README.md.
 *
 *   npm run bench:tars -- [tars] [--rounds N] [--no-files]
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { makeSourceBook } from '../../src/activities/sources/source-book.ts';
import type { FileSpec } from '../../src/domain/dataset/file-spec.ts';
import type { Md5 } from '../../src/domain/dataset/ids.ts';
import { memberBytes } from '../archive-members/members.ts';
import { median } from '../measure.ts';
import { emptyFolder } from '../origin.ts';
import { REPO, REVISION, tarNameOf } from './tars.ts';

const SIZE = 40_000;
const MEMBERS = 1_000;
const BLOCK = 512;
/** As many as bundles of a shard have in hand together. */
const IN_FLIGHT = 32;
/** Shards that are fetched at once. */
const SHARDS = 2;
const args = process.argv.slice(2);
const tars = Number(args[0]) || 10;
const rounds = Number(args[args.indexOf('--rounds') + 1]) || 5;
const writesFiles = !args.includes('--no-files');
const digestOf = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');
const digests = Array.from({ length: tars * MEMBERS }, (_, at) => digestOf(memberBytes(at, SIZE)));
const never = new AbortController().signal;

const server = fork(fileURLToPath(new URL('serve.ts', import.meta.url)), [tars, MEMBERS, SIZE].map(String), {
  execArgv: ['--import', 'tsx'],
});
const [{ origin, byteHost }] = (await once(server, 'message')) as [{ origin: string; byteHost: string }];
const seconds: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
for (let round = 0; round < rounds; round++) {
  for (const [name, fetchAll] of [
    ['bare', bareLoop],
    ['ours', ours],
  ] as const) {
    const before = await asked();
    const folder = await emptyFolder('tars');
    for (let tar = 0; tar < tars; tar++) await mkdir(join(folder, String(tar)));
    const began = performance.now();
    await fetchAll(folder);
    const took = (performance.now() - began) / 1000;
    seconds[name].push(took);
    await rm(folder, { recursive: true });
    console.log(`${name}  ${took.toFixed(2)} s, ${(await asked()) - before} requests to the hub`);
  }
}
const ratio = median(seconds.ours) / median(seconds.bare);
console.log(`ours / bare: ${ratio.toFixed(3)} of the seconds (medians of ${rounds})`);
server.disconnect();

async function lanes<Item>(items: readonly Item[], most: number, work: (item: Item) => Promise<void>) {
  let next = 0;
  const lane = async () => {
    while (next < items.length) await work(items[next++] as Item);
  };
  await Promise.all(Array.from({ length: most }, lane));
}

async function keep(
  folder: string,
  id: number,
  digest: string,
  pieces: readonly Uint8Array[],
): Promise<void> {
  if (digest !== digests[id]) throw new Error(`member ${id}: expected its bytes, got others`);
  if (writesFiles) await writeFile(join(folder, String(Math.floor(id / MEMBERS)), String(id)), pieces);
}

/** A process that has seen nothing of the tars. */
async function ours(folder: string): Promise<void> {
  const book = makeSourceBook({ connections: IN_FLIGHT, env: { HF_ENDPOINT: origin } });
  const asking = { name: 'huggingface', repo: REPO, revision: REVISION, layout: 'tars' };
  const source = await book.open(asking, [byteHost]);
  await lanes(
    Array.from({ length: tars }, (_, tar) => tar),
    SHARDS,
    (tar) =>
      lanes(
        Array.from({ length: MEMBERS }, (_, nth) => 1_000 * tar + nth),
        IN_FLIGHT / SHARDS,
        async (id) => {
          const opened = await source.open(specOf(id), { offset: 0 }, never);
          if (opened.status === 'failed') throw new Error(opened.failure.detail);
          const md5 = createHash('md5');
          const pieces: Uint8Array[] = [];
          for await (const piece of opened.body) {
            md5.update(piece);
            pieces.push(piece);
          }
          await keep(folder, id, md5.digest('hex'), pieces);
        },
      ),
  );
  await book.close();
}

function specOf(id: number): FileSpec {
  const five = String(id).padStart(5, '0');
  return {
    ...{ kind: 'images', key: String(id), url: '', accepts: 'pixels' },
    path: `images1024x1024/${five.slice(0, 2)}000/${five}.png`,
    pixels: { width: 128, height: 128, md5: '' as Md5 },
  };
}

async function bareLoop(folder: string): Promise<void> {
  const dispatcher = new Agent({ connections: IN_FLIGHT });
  const step = BLOCK + Math.ceil(SIZE / BLOCK) * BLOCK;
  await lanes(
    Array.from({ length: tars }, (_, tar) => tar),
    SHARDS,
    async (tar) => {
      const url = `${origin}/datasets/${REPO}/resolve/${REVISION}/${tarNameOf(tar)}`;
      const led = await request(url, { dispatcher });
      await led.body.dump();
      const { body } = await request(String(led.headers.location), { dispatcher });
      let at = 0;
      let md5 = createHash('md5');
      let pieces: Uint8Array[] = [];
      const writes: Promise<void>[] = [];
      for await (const chunk of body as AsyncIterable<Buffer>) {
        for (let from = 0; from < chunk.length; ) {
          const nth = Math.floor(at / step);
          const within = at % step;
          const [begins, ends] = [BLOCK, BLOCK + SIZE];
          const until = within < begins ? begins : within < ends ? ends : step;
          const length = Math.min(chunk.length - from, until - within);
          if (within >= begins && within < ends) {
            const piece = chunk.subarray(from, from + length);
            md5.update(piece);
            pieces.push(piece);
          }
          from += length;
          at += length;
          if (within + length !== ends || nth >= MEMBERS) continue;
          writes.push(keep(folder, 1_000 * tar + nth, md5.digest('hex'), pieces));
          if (writes.length === IN_FLIGHT / SHARDS) await Promise.all(writes.splice(0));
          md5 = createHash('md5');
          pieces = [];
        }
      }
      await Promise.all(writes);
    },
  );
  await dispatcher.close();
}

async function asked(): Promise<number> {
  server.send('how many');
  const [{ requests }] = (await once(server, 'message')) as [{ requests: number }];
  return requests;
}
