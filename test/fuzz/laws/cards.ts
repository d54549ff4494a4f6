import { linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { readFolderCard, readForeignCards } from '../../../src/activities/manifest/folder-card.ts';
import { checkOwner, claim, readOwner, release, signOwner } from '../../../src/activities/store/owner.ts';
import { checkStore, ensureStore, findStore } from '../../../src/activities/store/store-identity.ts';
import { flagLinesOf } from '../../../src/commands/flags/card-flags.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import { StoreError } from '../../../src/domain/failure/store-failure.ts';
import { taskKinds } from '../../../src/domain/kinds.ts';
import { cardAfter } from '../../../src/domain/verify/folder-card.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { requestOf } from '../../support/request-of.ts';
import { testSeal } from '../../support/test-key.ts';
import { hostileBytes, spoilt } from '../hostile/bytes.ts';
import { hostileJson, textOf } from '../hostile/json.ts';
import { law } from '../law.ts';

const md5 = 'a'.repeat(32);
const id = 'b'.repeat(32);
const request = requestOf({
  kinds: ['images', 'wilds', 'align'],
  manifest: { name: 'other', location: '/data/m.json' },
  license: { name: 'url', url: 'http://host/l' },
  allowedHosts: ['host:80'],
  align: alignByDefault,
  ids: '0-9',
});
const card = cardAfter(cardAfter(undefined, 'c'.repeat(32), request), md5, request);
const me = { workflowId: 'ffhq-a', clusterId: 'c', address: '127.0.0.1:7233', namespace: 'default' };
const mark = {
  ...me,
  home: 'h',
  run: 'r',
  store: id,
  folder: '1:2',
  lastSignOfLife: '2026-01-01T00:00:00.000Z',
};

/** Bytes that a file says that it has; they take no room. */
const HUGE = 3 * 1024 ** 3;

/** What may lie at a name. */
const lying = fc.record({
  json: hostileJson(),
  bytes: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, hostileBytes()),
  as: fc.oneof(
    { weight: 6, arbitrary: fc.constant('file') },
    fc.constantFrom('link', 'second name', 'folder', 'nothing', 'huge'),
  ),
});
type Lying = typeof lying extends fc.Arbitrary<infer Value> ? Value : never;

function lay(path: string, valid: unknown, { json, bytes, as }: Lying, beside: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  const precious = join(beside, 'precious');
  if (as === 'file') writeFileSync(path, spoilt(Buffer.from(textOf(valid, json)), bytes));
  else if (as === 'link') symlinkSync(precious, path);
  else if (as === 'huge') {
    writeFileSync(path, textOf(valid, json));
    truncateSync(path, HUGE);
  } else if (as === 'folder') mkdirSync(join(path, 'x'), { recursive: true });
  else if (as === 'second name') {
    writeFileSync(otherName(path), textOf(valid, json));
    linkSync(otherName(path), path);
  }
}

/** Of a file that has a second name the first one is somebody's own: nothing may be written into it. */
function expectUnwritten(path: string, valid: unknown, { json, as }: Lying): void {
  if (as !== 'second name' || readFileSync(otherName(path), 'utf8') === textOf(valid, json)) return;
  throw new Error(`file [path=${path}]: expected nothing written into it by its second name`);
}

function otherName(path: string): string {
  return `${path}.of-somebody`;
}

/** What it answers, or a refusal of ours. */
async function refused<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    const isOfDisk =
      error instanceof Error &&
      /^(EISDIR|EEXIST|ENOTDIR|ENOTEMPTY|ELOOP)$/.test(String(Reflect.get(error, 'code')));
    if (error instanceof StoreError || isOfDisk) return undefined;
    throw error;
  }
}

export const folderCards = law('folder-cards', 60, lying, async (one, { store, beside }) => {
  writeFileSync(join(made(store), 'store.json'), JSON.stringify({ id, schema: 1 }));
  lay(join(store, statePaths.currentManifest), card, one, beside);
  if ((await refused(readFolderCard(store, testSeal))) !== undefined)
    throw new Error('card: expected none of ours, got one');
  const [foreign] = (await refused(readForeignCards(store, testSeal))) ?? [];
  if (foreign === undefined) return;
  for (const kind of foreign.kinds ?? [])
    if (!taskKinds.includes(kind)) throw new Error(`kind: expected one, got ${kind}`);
  const word = /[\w./:@%+=,-]+|'[^']*'(?:\\''[^']*')*/;
  const words = new RegExp(`^(?:${word.source})(?: (?:${word.source}))*$`);
  const strange = flagLinesOf(foreign).find((line) => !words.test(line));
  if (strange !== undefined) throw new Error(`flags: expected words of a shell, got ${strange}`);
  cardAfter(foreign, md5, request);
});

export const owners = law(
  'owners',
  25,
  fc.record({ owner: lying, identity: lying, takeOver: fc.boolean() }),
  async ({ owner, identity, takeOver }, { store, beside }) => {
    rmSync(join(store, '.ffhq'), { recursive: true, force: true });
    lay(join(store, statePaths.owner), mark, owner, beside);
    lay(join(store, statePaths.store), { id, schema: 1 }, identity, beside);
    await refused(readOwner(store));
    await refused(findStore(store));
    const ref = (await refused(ensureStore(store))) ?? { path: store, id };
    if (!/^[0-9a-f]{32}$/.test(ref.id)) throw new Error(`id: expected 32 digits, got ${ref.id}`);
    await refused(checkStore(ref));
    await refused(claim(ref, me, 'run', takeOver));
    await refused(checkOwner(ref, me));
    await refused(signOwner(ref, me, 'run'));
    await refused(release(ref, me));
    expectUnwritten(join(store, statePaths.owner), mark, owner);
    expectUnwritten(join(store, statePaths.store), { id, schema: 1 }, identity);
  },
);

function made(store: string): string {
  mkdirSync(join(store, '.ffhq'), { recursive: true });
  return join(store, '.ffhq');
}
