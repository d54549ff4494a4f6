import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../../../domain/failure/store-failure.ts';
import {
  type Read,
  readSavedLogin,
  type SavedLogin,
  savedLoginText,
} from '../../../domain/network/google-keys.ts';
import { parsedJson } from '../../../domain/parsed-json.ts';
import { syncFolder } from '../../folders/sync-folder.ts';
import { readSecretFile } from './secret-file.ts';

/** A login has some 400 bytes. */
const MOST_BYTES = 16 * 1024;

/** Others that save one remove drafts once each. */
const MOST_TRIES = 8;

/** Where `ffhq login google` keeps a sign-in. */
export interface LoginPlace {
  readonly path: string;
  /** Named by FFHQ_GOOGLE_LOGIN: there has to be a login, then. */
  readonly isGiven: boolean;
}

/** FFHQ_GOOGLE_LOGIN, or the user's own configuration; undefined where there is no user: no home, no XDG_CONFIG_HOME. */
export function loginPlace(env: Readonly<Record<string, string | undefined>>): LoginPlace | undefined {
  const { FFHQ_GOOGLE_LOGIN: given, XDG_CONFIG_HOME: config, HOME: home } = env;
  if (given) return { path: given, isGiven: true };
  // The XDG specification: a relative path is to be ignored.
  const folder = config?.startsWith('/') ? config : home ? join(home, '.config') : undefined;
  return folder === undefined
    ? undefined
    : { path: join(folder, 'ffhq', 'google-login.json'), isGiven: false };
}

/** Reads a saved login; the problem begins with the file's name. */
export async function readLogin(path: string): Promise<Read<SavedLogin>> {
  const file = await readSecretFile(path, MOST_BYTES);
  if (file.status === 'unusable') return { problem: file.problem };
  const login = readSavedLogin(parsedJson(file.text));
  return 'problem' in login ? { problem: `[file=${path}]: ${login.problem}` } : login;
}

/** Keeps a login for this user alone: as a whole or not at all, whenever this process ends. */
export async function saveLogin(path: string, login: SavedLogin): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeDrafts(path);
  for (let left = MOST_TRIES; ; left--) {
    const draft = join(folder, `${draftsOf(path)}${randomBytes(6).toString('hex')}`);
    try {
      await writeDraft(draft, login);
      await rename(draft, path);
      break;
    } catch (error) {
      await rm(draft, { force: true });
      // Another sign-in, at the same moment, took it for one that an ended process left.
      if (errorCode(error) !== 'ENOENT' || left === 1) throw error;
    }
  }
  await syncFolder(folder);
}

async function writeDraft(draft: string, login: SavedLogin): Promise<void> {
  // The mode at its making is cut by the umask, and never wider.
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(savedLoginText(login));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes a saved login, and what an ended process left of one. */
export async function removeLogin(path: string): Promise<void> {
  await removeDrafts(path);
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

function draftsOf(path: string): string {
  return `.${basename(path)}.new-`;
}

async function removeDrafts(path: string): Promise<void> {
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names)
    if (name.startsWith(draftsOf(path))) await rm(join(dirname(path), name), { force: true });
}
