import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { atFile, inFolder, pathIn } from '../../../src/activities/folders/held-folder.ts';
import { findSafeFolder, makeSafeFolder } from '../../../src/activities/store/safe-folder.ts';
import { StoreError } from '../../../src/domain/failure/store-failure.ts';
import { RequestError } from '../../../src/domain/network/request-url.ts';
import { checkInput } from '../../../src/domain/signing/check-input.ts';
import { refusalOf, type SignedFor } from '../../../src/domain/signing/signed-input.ts';
import { SigningCodec, sign } from '../../../src/signing/signing-codec.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { hostileText } from '../../support/hostile-text.ts';
import { requestOf } from '../../support/request-of.ts';
import { hostileBytes, spoilt } from '../hostile/bytes.ts';
import { hostileJson, specialNames, textOf } from '../hostile/json.ts';
import { law } from '../law.ts';

const md5 = '0'.repeat(32);
const input = {
  store: { path: '/data/faces', id: '8b6ff2a400004000800000000000000a' },
  owner: { workflowId: 'ffhq-a', clusterId: 'c', address: '127.0.0.1:7233', namespace: 'default', home: 'h' },
  run: '01a21af5-df8e-70c1-b175-968890e27d7c',
  request: requestOf({
    kinds: ['images', 'wilds', 'align'],
    manifest: { name: 'other', location: '/data/m.json' },
    license: { name: 'url', url: 'http://host/licence' },
    source: { name: 'http-mirror', baseUrl: 'http://host/' },
    allowedHosts: ['host:80'],
    align: { ...alignByDefault, sourceDir: '/mnt/originals' },
    ids: '0-9',
    idsOf: { images: '0-4' },
  }),
  ...{ kind: 'images', folder: '00000', manifestMd5: md5, settledIds: '1-3', originalsToCome: true },
  ...{ manifest: { md5, records: 10, bytes: 1_000 }, again: md5, failure: 'quota', takeOver: false },
  ...{ files: { kind: 'images', folder: '00000', ids: '0-9,12', manifestMd5: md5, onlyToKnow: true } },
  ...{ file: { kind: 'tfrecords', key: 'ffhq-r10' }, end: 1024 ** 3, findForeign: true },
};

export const activityInputs = law(
  'activity-inputs',
  250,
  fc.record({ json: hostileJson(3), anything: fc.option(fc.jsonValue(), { freq: 1 }) }),
  ({ json, anything }) => {
    let value: unknown = anything;
    if (anything === null) {
      try {
        value = JSON.parse(textOf(input, json));
      } catch {
        return;
      }
    }
    try {
      checkInput(value);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (!/^input( \[[\w.]+\])?: expected [\p{L}\p{N} ,_.-]+, got something else$/u.test(error.message))
        throw new Error(`refusal: expected a sentence, got ${error.message}`);
      return;
    }
    expectTaken(value as typeof input);
  },
);

/** What becomes part of a path, or of how much is done, is what it should be. */
function expectTaken({ store, run, request, ...rest }: typeof input): void {
  const names = [run, rest.folder, rest.files?.folder, rest.file?.key, request.align?.folder];
  const strange = names.find(
    (name) =>
      name !== undefined && (typeof name !== 'string' || !/^[^/\0]+$/.test(name) || /^\.\.?$/.test(name)),
  );
  if (strange !== undefined) throw new Error(`name: expected one plain name, got ${strange}`);
  const digests = [rest.manifestMd5, rest.again, rest.manifest?.md5, rest.files?.manifestMd5];
  if (digests.some((digest) => digest !== undefined && !/^[0-9a-f]{32}$/.test(digest)))
    throw new Error('digest: expected 32 digits');
  if (!store.path.startsWith('/') || /\0/.test(store.path))
    throw new Error(`store: expected a path, got ${store.path}`);
  if (!Number.isSafeInteger(request.numAttempts)) throw new Error('attempts: expected a number');
}

const component = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    'a',
    'link',
    'real',
    '.ffhq',
    '...',
    'a\0b',
    '~',
    '*',
    'link/..',
    '\\..',
    '%2e%2e',
    '․․',
  ),
  fc.constantFrom(...specialNames),
  hostileText,
  fc.constantFrom(300, 5_000).map((length) => 'x'.repeat(length)),
);

export const paths = law(
  'paths',
  80,
  fc.record({
    parts: fc.array(component, { maxLength: 6 }),
    slash: fc.constantFrom('', '/', '//'),
    name: component,
  }),
  async ({ parts, slash, name }, { store, beside }) => {
    const path = `${slash}${parts.join('/')}`;
    if (!existsSync(join(store, 'link'))) {
      mkdirSync(join(store, 'real', 'below'), { recursive: true });
      symlinkSync(beside, join(store, 'link'));
      mkdirSync(join(store, '.ffhq'));
      for (const folder of ['real', '.ffhq']) symlinkSync(beside, join(store, folder, 'link'));
    }
    const inside = (held: string) => {
      const real = resolve(held);
      if (real !== store && !real.startsWith(`${store}/`))
        throw new Error(`path: expected one below the store, got ${real}`);
    };
    await refusedPath(async () => inside(pathIn(store, path)));
    await refusedPath(() => inFolder(store, path, async (folder) => void readdirSync(folder), 'made'));
    await refusedPath(async () => (await findSafeFolder(store, path))?.release());
    await refusedPath(async () => (await makeSafeFolder(store, path)).release());
    await refusedPath(() =>
      atFile(
        pathIn(store, `.ffhq/${path}/${name}`),
        async (file) => void lstatSync(file, { throwIfNoEntry: false }),
        'made',
      ),
    );
    rmSync(store, { recursive: true, force: true });
    mkdirSync(store);
  },
);

/** Does it work, or refuse, or say what the disk says of a name? */
async function refusedPath(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = error instanceof Error ? String(Reflect.get(error, 'code')) : '';
    if (!(error instanceof StoreError) && !/^(ENOENT|ENOTDIR|EEXIST|ENAMETOOLONG|ELOOP|EISDIR)$/.test(code))
      throw error;
  }
}

const key = Buffer.alloc(32, 'ours');
const mine: SignedFor = { namespace: 'default', workflowId: 'ffhq-a', type: 'planShard' };
const signed = sign(key, input, mine);
const others = [
  sign(Buffer.alloc(32, 'theirs'), input, mine),
  { ...sign(key, input, { ...mine, workflowId: 'ffhq-b' }) },
  { ...input, signed: { for: mine, mac: 'f'.repeat(64), isOurs: true } },
  { ...signed, signed: { ...signed.signed, isOurs: true }, takeOver: true },
];

/** Of what JSON says in as many ways as it likes, with any bytes in between: none is ours but what was signed. */
export const payloads = law(
  'payloads',
  250,
  fc.record({
    of: fc.nat(others.length),
    json: hostileJson(2),
    bytes: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, hostileBytes(2)),
  }),
  async ({ of, json, bytes }) => {
    const codec = new SigningCodec(key);
    const text = textOf(others[of] ?? signed, json);
    const payload: Payload = {
      metadata: { encoding: Buffer.from('json/plain') },
      data: spoilt(Buffer.from(text), bytes),
    };
    const [decoded] = await codec.decode([payload]);
    const value = converted(decoded);
    const isOurs = refusalOf(value, mine) === undefined;
    if (isOurs && !sameInput(value))
      throw new Error('payload: expected it to be refused, got one that counts as ours');
    // What came from outside and is passed on as it is gets no signature by that.
    const [encoded] = await codec.encode([decoded as Payload]);
    const [again] = await codec.decode([encoded as Payload]);
    if (refusalOf(converted(again), mine) === undefined)
      throw new Error('payload: expected no signature on its way out');
  },
);

function converted(payload: Payload | undefined): unknown {
  try {
    return defaultPayloadConverter.fromPayload(payload as Payload);
  } catch {
    return undefined;
  }
}

/** Whatever was done to its text: does it say what was signed? */
function sameInput(value: unknown): boolean {
  const sorted = (one: unknown): unknown =>
    Array.isArray(one)
      ? one.map(sorted)
      : one !== null && typeof one === 'object'
        ? Object.entries(one)
            .sort()
            .map(([name, member]) => [name, sorted(member)])
        : one;
  const { signed: _, ...said } = value as { readonly signed: unknown };
  return JSON.stringify(sorted(said)) === JSON.stringify(sorted(input));
}
