import { randomBytes } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holdSocket, probeSocket } from './socket-hold.ts';

/** Content of a lock file. */
interface Owner {
  readonly pid: number;
  /** Of this one instance of the lock; also names the socket that its holder has open. */
  readonly nonce: string;
}

export interface LockOptions {
  /** Called once when another living process holds the lock. */
  readonly onWait?: (pid: number) => void;
  /** Milliseconds after which waiting is an error. @default 60000 */
  readonly waitMs?: number;
}

const POLL_MS = 50;
/** Sockets of killed waiters that are older are removed; what is being made now is younger. */
const STALE_MS = 60 * 60_000;

/**
 * Runs `work` while this process alone, of all that see the file on this kernel, holds the lock file `path`. Its holder
 * listens at a socket beside it, which the operating system closes: a lock whose holder is gone is taken over, by one
 * process only, and one of a living holder in another container is not.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const me: Owner = { pid: process.pid, nonce: randomBytes(8).toString('hex') };
  const hold = await holdSocket(socketOf(path, me));
  try {
    await untilMine(path, me, options);
    try {
      await removeStaleSockets(path);
      return await work();
    } finally {
      if (ownerOf(path)?.nonce === me.nonce) rmSync(path, { force: true });
    }
  } finally {
    await hold.release();
  }
}

async function untilMine(path: string, me: Owner, options: LockOptions): Promise<void> {
  const deadline = performance.now() + (options.waitMs ?? 60_000);
  let told = false;
  while (!create(path, me)) {
    const owner = await removeIfDead(path, path, me);
    if (!owner) continue;
    if (!told) options.onWait?.(owner.pid);
    told = true;
    if (performance.now() > deadline) {
      throw new Error(`lock [file=${path}]: expected it to become free, got it held by process ${owner.pid}`);
    }
    await sleep(POLL_MS);
  }
}

function socketOf(lock: string, { nonce }: Owner): string {
  return `${lock}.${nonce}.sock`;
}

/** A hard link appears with its content complete, which an exclusive `open` and a `write` after it do not give. */
function create(path: string, owner: Owner): boolean {
  const draft = `${path}.${owner.nonce}.new`;
  writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/**
 * Removes the lock of a dead owner; returns the owner if it lives. Only the process that holds the breaker, a lock
 * named for this one instance of the lock, may remove it: two waiters that saw the same dead owner must not remove
 * each other's new lock.
 *
 * @param lock the lock itself, beside which the sockets lie
 * @param path it, or a breaker
 */
async function removeIfDead(lock: string, path: string, me: Owner): Promise<Owner | undefined> {
  const owner = ownerOf(path);
  if (!owner) return undefined;
  if (owner.nonce !== TORN.nonce && (await probeSocket(socketOf(lock, owner))) !== 'free') return owner;
  const breaker = `${path}.${owner.nonce}`;
  if (!create(breaker, me)) return removeIfDead(lock, breaker, me);
  try {
    if (ownerOf(path)?.nonce === owner.nonce) unlinkSync(path);
    rmSync(socketOf(lock, owner), { force: true });
  } finally {
    unlinkSync(breaker);
  }
  return undefined;
}

/** Content is complete from the first moment, so what cannot be read was torn by a power cut: its owner is dead. */
const TORN: Owner = { pid: 1, nonce: 'torn' };

function ownerOf(path: string): Owner | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const { pid, nonce } = JSON.parse(text) as Partial<Record<keyof Owner, unknown>>;
    const isWhole = typeof pid === 'number' && typeof nonce === 'string' && /^[0-9a-f]+$/.test(nonce);
    return isWhole ? { pid, nonce } : TORN;
  } catch {
    return TORN;
  }
}

/** Those that were killed while they waited leave their sockets. */
async function removeStaleSockets(lock: string): Promise<void> {
  for (const name of readdirSync(dirname(lock))) {
    if (!name.startsWith(`${basename(lock)}.`) || !/\.(sock~?|new)$/.test(name)) continue;
    const file = join(dirname(lock), name);
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age < STALE_MS) continue;
    if ((await probeSocket(file)) === 'free') rmSync(file, { force: true });
  }
}
