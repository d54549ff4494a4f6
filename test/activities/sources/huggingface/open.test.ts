import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { chainOf } from '../../../../src/activities/sources/chain/request.ts';
import { SourceRequestError } from '../../../../src/activities/sources/contract/source-definition.ts';
import { makeSourceBook } from '../../../../src/activities/sources/source-book.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import { fileOfBytes } from '../../../../src/stand-in/files.ts';
import {
  type HubStandIn,
  type HubStandInOptions,
  startHubStandIn,
} from '../../../../src/stand-in/hub/hub-stand-in.ts';
import { outcomeOf, pseudoRandomBytes } from '../reading.ts';
import { REPO, REVISION } from './subject.ts';

const bytes = pseudoRandomBytes(2_000, 11);
const fileOf = (id: number): FileSpec => {
  const five = String(id).padStart(5, '0');
  const folder = String(id - (id % 1000)).padStart(5, '0');
  const path = `images1024x1024/${folder}/${five}.png`;
  return { kind: 'images', key: String(id), url: '', path, size: bytes.length };
};
const ids = Array.from({ length: 40 }, (_, nth) => nth);
const files = new Map(
  [...ids, 12_345].map((id) => [
    `id ${id}`,
    fileOfBytes(bytes, { name: `${id}.png`, path: fileOf(id).path }),
  ]),
);

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

async function hubWith(options: Partial<HubStandInOptions> = {}, env: Readonly<Record<string, string>> = {}) {
  const hub = await startHubStandIn({ files, repo: REPO, revision: REVISION, ...options });
  const book = makeSourceBook({ connections: 8, env: { HF_ENDPOINT: hub.origin, ...env } });
  closing.push(
    () => hub.close(),
    () => book.close(),
  );
  const open = (layout = 'tree', repo = REPO, revision = REVISION) =>
    book.open({ name: 'huggingface', repo, revision, layout }, [hub.byteHost]);
  return { hub, book, open };
}
const askedAtHub = ({ requests, origin }: HubStandIn) =>
  requests.filter(({ host, path }) => host === new URL(origin).host && path.includes('/resolve/'));

test('a file comes from the byte host that the hub leads to, and the token goes to the hub alone', async () => {
  const { hub, open } = await hubWith({ token: 'hf_planted' }, { HF_TOKEN: 'hf_planted' });
  const outcome = await outcomeOf(await open(), fileOf(3), { offset: 500 });
  expect(outcome.bytes.equals(bytes.subarray(500))).toBe(true);
  const ofBytes = hub.requests.filter(({ host }) => host === hub.byteHost);
  expect(ofBytes.map(({ range, authorization }) => [range, authorization])).toEqual([['bytes=500-', false]]);
  expect(askedAtHub(hub).every(({ authorization }) => authorization)).toBe(true);
});

test('a byte host that nobody allowed is not asked', async () => {
  const { hub, book } = await hubWith();
  const request = { name: 'huggingface', repo: REPO, revision: REVISION, layout: 'tree' };
  const { failure } = await outcomeOf(await book.open(request, []), fileOf(3));
  expect(failure?.reason).toBe('host-not-allowed');
  expect(hub.requests.some(({ host }) => host === hub.byteHost)).toBe(false);
});

test.each([
  ['parts', (id: number) => `Part${Math.floor(id / 10_000) + 1}/${String(id).padStart(5, '0')}.png`],
  ['by-id/{id}.png', (id: number) => `by-id/${id}.png`],
  ['{folder}/a b/{id5}.png', (id: number) => `12000/a b/${String(id).padStart(5, '0')}.png`],
])('in the layout %s a picture lies where it says, and nothing else has a place', async (layout, pathOf) => {
  const { hub, open } = await hubWith({ pathOf: ({ name }) => pathOf(Number.parseInt(name, 10)) });
  const source = await open(layout);
  expect((await outcomeOf(source, fileOf(12_345))).bytes.equals(bytes)).toBe(true);
  const manifest: FileSpec = { kind: 'json', key: 'x.json', url: '', path: 'x.json' };
  const asked = hub.requests.length;
  expect((await outcomeOf(source, manifest)).failure).toMatchObject({ reason: 'missing' });
  expect(hub.requests.length).toBe(asked);
});

test('a commit that is not there ends the run in a sentence, before any file is asked for', async () => {
  const { hub, open } = await hubWith();
  const other = 'a'.repeat(40);
  await expect(open('tree', REPO, other)).rejects.toThrow(
    new SourceRequestError(
      'huggingface',
      `expected ${REPO} at ${other}, got no such commit in the repository (status 404)`,
      'missing',
    ),
  );
  await expect(open('tree', 'somebody/else')).rejects.toThrow(
    'no such repository, or one that wants another HF_TOKEN',
  );
  expect(askedAtHub(hub)).toEqual([]);
});

test('in a chain a repository that is not there refuses its files, and the others give them', async () => {
  const { hub } = await hubWith();
  const gone = { name: 'huggingface', repo: 'somebody/else', revision: REVISION, layout: 'tree' };
  const there = { name: 'http-mirror', baseUrl: 'http://127.0.0.1:9/' };
  const book = makeSourceBook({ connections: 2, env: { HF_ENDPOINT: hub.origin } });
  try {
    const chain = await book.open(chainOf([gone, there], 60_000), [hub.byteHost]);
    const { failure } = await outcomeOf(chain, fileOf(0));
    expect(failure?.reason).toBe('network-down');
    expect(failure?.detail).toContain('huggingface private, http-mirror network-down');
  } finally {
    await book.close();
  }
});

test('the commit is looked up once by each worker', async () => {
  const { hub, open } = await hubWith();
  for (let nth = 0; nth < 3; nth++) await outcomeOf(await open(), fileOf(nth));
  expect(hub.requests.filter(({ path }) => path.startsWith('/api/')).length).toBe(1);
});

test('a token that the hub does not take is told, and not repeated', async () => {
  const { open } = await hubWith({ token: 'hf_right' }, { HF_TOKEN: 'hf_planted' });
  const said = await open().catch((error: unknown) => String(error));
  expect(said).toContain('one that wants another HF_TOKEN');
  expect(said).not.toContain('hf_planted');
});

test.each([
  [{ HF_ENDPOINT: 'ftp://x' }, 'HF_ENDPOINT'],
  [{ HF_ENDPOINT: 'https://me:hunter2@hub.example' }, 'HF_ENDPOINT'],
  [{ HF_TOKEN: 'a b hunter2' }, 'HF_TOKEN'],
])('a worker with %j says which of its settings is wrong, and not what is in it', async (env, name) => {
  const { open } = await hubWith({}, env as Record<string, string>);
  const said = await open().catch((error: unknown) => String(error));
  expect(said).toContain(`environment [${name}]: expected`);
  expect(said).not.toContain('hunter2');
});

test('a spent window is waited out, and the hub never has to refuse anything', async () => {
  const { hub, open } = await hubWith({ limit: { requests: 25, windowMs: 1_500 } });
  const source = await open();
  const left = [...ids];
  const lane = async () => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const { failure } = await outcomeOf(source, fileOf(id));
      if (failure === undefined) continue;
      expect(failure).toMatchObject({ reason: 'rate-limited', host: new URL(hub.origin).host });
      left.push(id);
      // As Temporal waits.
      await setTimeout(failure.retryAfterMs);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  expect(askedAtHub(hub).length).toBe(ids.length);
  expect(hub.requests.filter(({ status }) => status === 429)).toEqual([]);
});

test('a 429 of a window that others have spent is waited out as the header says', async () => {
  const { hub, open } = await hubWith({ limit: { requests: 1, windowMs: 60_000 } });
  // Somebody else on this address.
  await fetch(`${hub.origin}/datasets/${REPO}/resolve/${REVISION}/x`);
  const { failure } = await outcomeOf(await open(), fileOf(1));
  expect(failure?.reason).toBe('rate-limited');
  expect(failure?.retryAfterMs).toBeGreaterThan(58_000);
  expect(failure?.retryAfterMs).toBeLessThanOrEqual(62_000);
  await outcomeOf(await open(), fileOf(2));
  expect(askedAtHub(hub).length).toBe(2);
});

test('three thousand requests of one window, and not one more', async () => {
  const { hub, open } = await hubWith({ limit: { requests: 3_000, windowMs: 300_000 } });
  const source = await open();
  let asked = 0;
  let held = 0;
  const lane = async () => {
    while (asked < 3_050) {
      asked++;
      const { failure } = await outcomeOf(source, { ...fileOf(asked % 40), size: bytes.length });
      if (failure === undefined) continue;
      expect(failure.reason).toBe('rate-limited');
      held++;
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  expect(held).toBe(50);
  expect(askedAtHub(hub).length).toBe(3_000);
  expect(hub.requests.filter(({ status }) => status === 429)).toEqual([]);
});
