import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessRef, parseProcessRef, thisProcess } from './process-ref.ts';

interface Owner extends ProcessRef {
  readonly nonce: string;
}

export interface LockOptions {
  /** Called once when another living process holds the lock. */
  readonly onWait?: (pid: number) => void;
  /** Milliseconds after which waiting is an error. @default 60000 */
  readonly waitMs?: number;
}

const POLL_MS = 50;

/**
 * Runs `work` while this process alone, of all on this host, holds the lock file `path`. A lock whose owner died is
 * taken over, by one process only.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const me: Owner = { ...thisProcess(), nonce: randomBytes(8).toString('hex') };
  const deadline = performance.now() + (options.waitMs ?? 60_000);
  let told = false;
  while (!create(path, me)) {
    const owner = removeIfDead(path, me);
    if (!owner) continue;
    if (!told) options.onWait?.(owner.pid);
    told = true;
    if (performance.now() > deadline) {
      throw new Error(`lock [file=${path}]: expected it to become free, got it held by process ${owner.pid}`);
    }
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    if (ownerOf(path)?.nonce === me.nonce) rmSync(path, { force: true });
  }
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
 */
function removeIfDead(path: string, me: Owner): Owner | undefined {
  const owner = ownerOf(path);
  if (!owner) return undefined;
  if (isAlive(owner)) return owner;
  const breaker = `${path}.${owner.nonce}`;
  if (!create(breaker, me)) return removeIfDead(breaker, me);
  try {
    if (ownerOf(path)?.nonce === owner.nonce) unlinkSync(path);
  } finally {
    unlinkSync(breaker);
  }
  return undefined;
}

/** Content is complete from the first moment, so what cannot be read was torn by a power cut: its owner is dead. */
function ownerOf(path: string): Owner | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const torn: Owner = { pid: 1, start: 'torn', boot: 'torn', nonce: 'torn' };
  try {
    const value: unknown = JSON.parse(text);
    const ref = parseProcessRef(value);
    const nonce = (value as { nonce?: unknown } | null)?.nonce;
    return ref && typeof nonce === 'string' && /^[0-9a-f]+$/.test(nonce) ? { ...ref, nonce } : torn;
  } catch {
    return torn;
  }
}
