import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { md5Of } from '../../domain/dataset/digest.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { cardAfter, type FolderCard, parseFolderCard } from '../../domain/verify/folder-card.ts';
import { inFolder } from '../folders/held-folder.ts';
import type { Seal } from '../records/seal.ts';
import { readSmallFile, writeFileAtomically } from '../store/atomic-file.ts';
import { readStoreId } from '../store/store-identity.ts';

/*
 * `current.json` is the card of the key whose run filled the folder last. Runs of another key put it aside before they write
 * theirs, one for each key: `cards/<fingerprint>.json`, or under its digest where it names no key, as cards of older versions
 * do. So keys that take turns forget nothing of their own, and each can see what the others say.
 */

/** Nine manifests, each with other records of each kind, have fewer. */
const MOST_CARD_BYTES = 8 * 1024 ** 2;

/** More keys fill no folder. */
const MOST_CARDS = 64;

/** What our own runs say of the folder, if any got so far; what others wrote there says nothing. */
export async function readFolderCard(storePath: string, seal: Seal): Promise<FolderCard | undefined> {
  return (await readLatestCard(storePath, seal)) ?? readOwn(storePath, asideOf(seal.fingerprint), seal);
}

/** The same, where no run of another key has filled the folder since. */
export async function readLatestCard(storePath: string, seal: Seal): Promise<FolderCard | undefined> {
  return readOwn(storePath, statePaths.currentManifest, seal);
}

async function readOwn(storePath: string, path: string, seal: Seal): Promise<FolderCard | undefined> {
  const text = await readCardText(join(storePath, path));
  const said = text === undefined ? undefined : seal.open(await purposeOf(storePath), text);
  return said === undefined ? undefined : parseFolderCard(JSON.parse(said));
}

/** What runs of other keys, or of versions before, say of the folder, the latest first: to be doubted. */
export async function readForeignCards(storePath: string, seal: Seal): Promise<readonly FolderCard[]> {
  const purpose = await purposeOf(storePath);
  const aside = (await namesAside(storePath)).map((name) => `${statePaths.cards}/${name}`);
  const said = new Map<string, FolderCard>();
  for (const path of [statePaths.currentManifest, ...aside]) {
    const text = await readCardText(join(storePath, path));
    if (text === undefined || seal.open(purpose, text) !== undefined) continue;
    const value = parsedJson(text);
    const card = parseFolderCard(value);
    // What a key said before it said something else is in that.
    const by = keyIn(value) ?? text;
    if (card !== undefined && !said.has(by)) said.set(by, card);
  }
  return [...said.values()];
}

/** Before the first file of a run: a folder must not hold what its card does not explain. */
export async function writeFolderCard(
  storePath: string,
  md5: string,
  request: RunRequest,
  seal: Seal,
): Promise<void> {
  const before = await readFolderCard(storePath, seal);
  const card = cardAfter(before, md5, request);
  if (card === before) return;
  const purpose = await purposeOf(storePath);
  const path = join(storePath, statePaths.currentManifest);
  const there = await readCardText(path);
  if (there !== undefined && seal.open(purpose, there) === undefined)
    await putAside(storePath, there, seal.fingerprint);
  const text = seal.close(purpose, JSON.stringify({ ...card, key: seal.fingerprint }));
  await writeFileAtomically(path, `${text}\n`);
}

/** Whatever is no card is nobody's. */
async function putAside(storePath: string, text: string, ownKey: string): Promise<void> {
  const value = parsedJson(text);
  if (parseFolderCard(value) === undefined) return;
  const key = keyIn(value);
  await inFolder(storePath, statePaths.cards, async () => {}, 'synced');
  // One that has our name on it, and that we have not sealed, must not take the place of ours.
  const name = key === undefined || key === ownKey ? md5Of(Buffer.from(text)) : key;
  await writeFileAtomically(join(storePath, asideOf(name)), `${text}\n`);
}

async function namesAside(storePath: string): Promise<string[]> {
  let names: string[];
  try {
    names = await inFolder(storePath, statePaths.cards, (folder) => readdir(folder));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  const cards = names.filter((name) => /^([0-9a-f]{16}|[0-9a-f]{32})\.json$/.test(name)).sort();
  if (cards.length <= MOST_CARDS) return cards;
  throw new StoreError(
    'unsafe-folder',
    `store [folder=${join(storePath, statePaths.cards)}]: expected at most ${MOST_CARDS} cards, got ${cards.length}; remove what no run of yours put there`,
  );
}

function asideOf(name: string): string {
  return `${statePaths.cards}/${name}.json`;
}

/** Refuses what leads elsewhere, and knows what lies on a bad sector; undefined where nothing lies. */
async function readCardText(path: string): Promise<string | undefined> {
  return (await readSmallFile(path, MOST_CARD_BYTES))?.trimEnd();
}

function keyIn(value: unknown): string | undefined {
  const key = value === null || typeof value !== 'object' ? undefined : Reflect.get(value, 'key');
  return typeof key === 'string' && /^[0-9a-f]{16}$/.test(key) ? key : undefined;
}

/** A card serves for no other folder. */
async function purposeOf(storePath: string): Promise<string> {
  return `card ${(await readStoreId(storePath)) ?? ''}`;
}
