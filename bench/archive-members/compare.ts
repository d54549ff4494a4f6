/**
 * Members out of a remote zip of 8 GB: this project's source, directory and all, against a bare loop that knows where each
 * member lies and asks for exactly its bytes; and the memory that looking 70,000 members up takes. See bench/README.md.
 *
 *   npm run bench:zip -- [members to fetch] [--rounds N]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { makeSourceBook } from '../../src/activities/sources/source-book.ts';
import { median } from '../measure.ts';
import { memberBytes, nameOf } from './members.ts';

const SIZE = 1_270_000;
const MEMBERS = 6_800;
const IN_FLIGHT = 32;
const args = process.argv.slice(2);
const wanted = Number(args[0]) || 1_000;
const rounds = Number(args[args.indexOf('--rounds') + 1]) || 5;
/** Spread over the whole archive, no two of them neighbours. */
const ids = Array.from({ length: wanted }, (_, at) => Math.floor((at * MEMBERS) / wanted));
const md5 = createHash('md5');
const digests = new Map(ids.map((id) => [id, md5.copy().update(memberBytes(id, SIZE)).digest('hex')]));
const never = new AbortController().signal;

const server = await startServer(MEMBERS, SIZE);
console.log(
  `a zip of ${(server.bytes / 1e9).toFixed(2)} GB with ${MEMBERS} members; ${wanted} of them, ${IN_FLIGHT} at a time`,
);
const seconds: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
for (let round = 0; round < rounds; round++) {
  for (const [name, fetchAll] of [
    ['bare', bareLoop],
    ['ours', ours],
  ] as const) {
    const before = await server.asked();
    const began = performance.now();
    await fetchAll(server.origin);
    const took = (performance.now() - began) / 1000;
    const { sent, requests } = await server.asked();
    seconds[name].push(took);
    const share = (sent - before.sent) / (wanted * SIZE);
    console.log(
      `${name}  ${took.toFixed(2)} s, ${share.toFixed(4)} of the members' bytes, ${requests - before.requests} requests`,
    );
  }
}
console.log(
  `ours / bare: ${(median(seconds.ours) / median(seconds.bare)).toFixed(3)} of the seconds (medians of ${rounds})`,
);
server.stop();

const small = await startServer(70_000, 300);
const looker = fork(fileURLToPath(new URL('look-up.ts', import.meta.url)), [small.origin], {
  execArgv: ['--import', 'tsx'],
});
await once(looker, 'exit');
small.stop();

async function inFlight(work: (id: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let id = ids[next++]; id !== undefined; id = ids[next++]) await work(id);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

async function checked(id: number, body: AsyncIterable<Uint8Array>): Promise<void> {
  const digest = createHash('md5');
  for await (const piece of body) digest.update(piece);
  if (digest.digest('hex') !== digests.get(id))
    throw new Error(`member ${id}: expected its bytes, got others`);
}

/** A process that has seen nothing of the archive. */
async function ours(origin: string): Promise<void> {
  const book = makeSourceBook({ connections: IN_FLIGHT, env: {} });
  const source = await book.open({ name: 'zip', archive1: `${origin}/all.zip` }, []);
  await inFlight(async (id) => {
    const file = { kind: 'images', key: String(id), url: '', path: nameOf(id), size: SIZE } as const;
    const opened = await source.open(file, { offset: 0 }, never);
    if (opened.status === 'failed') throw new Error(opened.failure.detail);
    await checked(id, opened.body);
  });
  await book.close();
}

async function bareLoop(origin: string): Promise<void> {
  const dispatcher = new Agent({ connections: IN_FLIGHT });
  const head = 30 + nameOf(0).length;
  await inFlight(async (id) => {
    const from = id * (head + SIZE) + head;
    const headers = { range: `bytes=${from}-${from + SIZE - 1}` };
    const { body } = await request(`${origin}/all.zip`, { dispatcher, headers });
    await checked(id, body);
  });
  await dispatcher.close();
}

async function startServer(members: number, size: number) {
  const child = fork(fileURLToPath(new URL('serve.ts', import.meta.url)), [String(members), String(size)], {
    execArgv: ['--import', 'tsx'],
  });
  const { origin, bytes } = await answer<{ readonly origin: string; readonly bytes: number }>(child);
  return {
    origin,
    bytes,
    asked: () => {
      child.send('how much');
      return answer<{ readonly sent: number; readonly requests: number }>(child);
    },
    stop: () => child.disconnect(),
  };
}

async function answer<Message>(child: ChildProcess): Promise<Message> {
  const [message] = await once(child, 'message');
  return message as Message;
}
