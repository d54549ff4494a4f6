import { lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { makeCrops } from '../../../src/activities/manifest/plan-crops.ts';
import { sliceManifest } from '../../../src/activities/manifest/slice-manifest.ts';
import { JsonMembers } from '../../../src/domain/dataset/json-members.ts';
import { isAbsent, ManifestError, parseManifestRecord } from '../../../src/domain/dataset/manifest.ts';
import { imageKinds, kinds } from '../../../src/domain/kinds.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { testSeal } from '../../support/test-key.ts';
import { hostileBytes, spoilt } from '../hostile/bytes.ts';
import { hostileJson, textOf } from '../hostile/json.ts';
import { law } from '../law.ts';

const { signal } = new AbortController();
const md5 = 'a'.repeat(32);

function image(folder: string, id: number) {
  return {
    file_url: `https://drive.google.com/uc?id=${id}`,
    file_path: `${folder}/00000/${String(id).padStart(5, '0')}.png`,
    file_size: 5,
    file_md5: md5,
    pixel_size: [200, 300],
    pixel_md5: md5,
  };
}

function recordOf(id: number) {
  return {
    category: 'training',
    metadata: { photo_title: 'Anna', author: 'Anna', country: '', license: 'by' },
    image: { ...image('images1024x1024', id), face_landmarks: [] },
    thumbnail: image('thumbnails128x128', id),
    in_the_wild: {
      ...image('in-the-wild-images', id),
      face_landmarks: [],
      face_rect: [0, 0, 9, 9],
      face_quad: [],
    },
  };
}

/** Of three records in two folders. */
export const manifest = Object.fromEntries([3, 7, 1_000].map((id) => [id, recordOf(id)]));

/** As `JSON.parse` and nothing else has it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const manifestMembers = law(
  'manifest-members',
  100,
  fc.record({ json: hostileJson(), bytes: hostileBytes(), piece: fc.integer({ min: 1, max: 3_000 }) }),
  ({ json, bytes, piece }) => {
    const text = spoilt(Buffer.from(textOf(manifest, json)), bytes);
    const expected = parsed(text.toString());
    const read = members(text, piece);
    const isObject = expected !== null && typeof expected === 'object' && !Array.isArray(expected);
    if (isObject !== (read !== undefined))
      throw new Error(`members: expected ${isObject ? 'an object' : 'none'}, got ${read ? 'one' : 'none'}`);
    if (!isObject || read === undefined) return;
    // The last of two with one name counts for JSON.parse; here both are seen.
    const last = new Map(read);
    const names = Object.keys(expected);
    if (
      names.length !== last.size ||
      names.some((name) => !sameJson(last.get(name), Reflect.get(expected, name)))
    )
      throw new Error(`members: expected ${names.length} as JSON.parse has them, got others`);
  },
);

/** Undefined where the walk, or the parser of a member, refuses the text. */
function members(text: Buffer, piece: number): [string, unknown][] | undefined {
  const walk = new JsonMembers();
  const found: [string, unknown][] = [];
  let rest: Buffer = Buffer.alloc(0);
  // What is left is copied with each piece: a long text comes in larger ones.
  const length = Math.max(piece, Math.ceil(text.length / 1_000));
  for (let at = 0; at < text.length; at += length) {
    const now = Buffer.concat([rest, text.subarray(at, at + length)]);
    try {
      const from = walk.take(now, (keyFrom, keyTo, valueFrom, valueTo) => {
        const key = JSON.parse(now.toString('utf8', keyFrom, keyTo)) as string;
        found.push([key, JSON.parse(now.toString('utf8', valueFrom, valueTo))]);
      });
      rest = now.subarray(from);
    } catch (error) {
      const isRefusal =
        error instanceof SyntaxError || (error instanceof Error && error.name === 'JsonMembersError');
      if (!isRefusal) throw error;
      return undefined;
    }
  }
  return walk.isOver ? found : undefined;
}

/** Of values that may be nested deeper than can be written: those are only of one kind then. */
function sameJson(a: unknown, b: unknown): boolean {
  try {
    return JSON.stringify(a) === JSON.stringify(b);
  } catch {
    return typeof a === typeof b;
  }
}

export const manifestRecords = law(
  'manifest-records',
  200,
  fc.record({
    json: hostileJson(),
    key: fc.oneof(fc.constant('7'), fc.string({ unit: 'binary', maxLength: 8 })),
  }),
  ({ json, key }) => {
    const value = parsed(textOf(recordOf(7), json));
    try {
      const { id, specs } = parseManifestRecord(key, value);
      if (String(id) !== key) throw new Error(`id: expected ${key}, got ${id}`);
      for (const kind of imageKinds) {
        const spec = specs[kind];
        if (!isAbsent(spec)) expectSafe(kinds[kind].folder, spec.path, spec.url, spec.size);
      }
    } catch (error) {
      expectRefusal(error);
    }
  },
);

function expectSafe(folder: string, path: string, url: string, size: number): void {
  const isInside = path.startsWith(`${folder}/`) && !path.split('/').some((part) => /^\.*$/.test(part));
  if (!isInside || /[^\w./-]/.test(path)) throw new Error(`path: expected one below ${folder}, got ${path}`);
  if (!/^https?:$/.test(new URL(url).protocol)) throw new Error(`url: expected http, got ${url}`);
  if (!Number.isSafeInteger(size) || size < 1) throw new Error(`size: expected one, got ${size}`);
}

function expectRefusal(error: unknown): void {
  if (!(error instanceof ManifestError)) throw error;
  if (error.message.length > 600 || /\p{C}/u.test(error.message))
    throw new Error(`refusal: expected a short printable sentence, got ${JSON.stringify(error.message)}`);
}

export const manifestFiles = law(
  'manifest-files',
  15,
  fc.record({
    json: hostileJson(),
    bytes: fc.oneof(fc.constant([]), hostileBytes()),
    link: fc.boolean(),
  }),
  async ({ json, bytes, link }, { store, beside }) => {
    const [path, root] = [join(store, 'manifest.json'), join(store, '.ffhq', 'manifest')];
    rmSync(join(store, '.ffhq'), { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    writeFileSync(path, spoilt(Buffer.from(textOf(manifest, json)), bytes));
    if (link) symlinkSync(beside, join(root, 'new-0123456789ab'));
    try {
      const summary = await sliceManifest(path, root, undefined, testSeal, signal, () => {});
      const crops = join(root, summary.md5, 'crops-x');
      await makeCrops(path, crops, { align: alignByDefault, summary, seal: testSeal, signal });
    } catch (error) {
      expectRefusal(error);
    }
    const left = readdirSync(root).filter(
      (name) => !/^[0-9a-f]{32}$/.test(name) && !(link && isLink(join(root, name))),
    );
    if (left.length > 0) throw new Error(`left: expected slices alone, got ${left}`);
  },
);

function isLink(path: string): boolean {
  return lstatSync(path).isSymbolicLink();
}
