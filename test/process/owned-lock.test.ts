import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../src/process/owned-lock.ts';
import { type Child, startChild } from '../support/server/child.ts';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-lock-'));
  lock = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const dead = JSON.stringify({ pid: 1, nonce: '00ff' });
const mine = () => Promise.resolve('mine');

/** A process that holds the lock until it is killed, perhaps in a PID namespace of its own, as containers have. */
async function holder(options: { readonly ownPids?: boolean } = {}): Promise<Child> {
  const child = startChild(new URL('fixtures/hold-lock.ts', import.meta.url), [lock], options);
  await child.line(/^held$/);
  return child;
}

test('one holder at a time, and the lock is gone afterwards, also after an error', async () => {
  let inside = 0;
  const enter = (): Promise<void> =>
    withLock(lock, {}, async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise(setImmediate);
      inside -= 1;
    });
  await Promise.all([enter(), enter(), enter()]);
  await expect(withLock(lock, {}, () => Promise.reject(new Error('inside')))).rejects.toThrow('inside');
  expect(readdirSync(folder)).toEqual([]);
});

test('the lock of a process that was killed is free at once, and nothing of it stays', async () => {
  const killed = await holder();
  await expect(withLock(lock, { waitMs: 0 }, mine)).rejects.toThrow('expected it to become free');
  await killed.kill('SIGKILL');
  expect(existsSync(lock)).toBe(true);
  expect(await withLock(lock, { waitMs: 0 }, mine)).toBe('mine');
  expect(readdirSync(folder)).toEqual([]);
});

test('a torn lock, as a power cut leaves it, is taken over', async () => {
  for (const content of [dead, '', '{"pid":']) {
    writeFileSync(lock, content);
    expect(await withLock(lock, { waitMs: 0 }, mine)).toBe('mine');
  }
  writeFileSync(lock, dead);
  // The one that was taking it over died, too.
  writeFileSync(`${lock}.00ff`, dead.replace('00ff', '00fe'));
  expect(await withLock(lock, { waitMs: 0 }, mine)).toBe('mine');
  expect(readdirSync(folder)).toEqual([]);
});

test('a living holder is waited for, also when it stands still, and named when that takes too long', async () => {
  const child = await holder();
  child.process.kill('SIGSTOP');
  const waits: number[] = [];
  const taken = withLock(lock, { waitMs: 120, onWait: (pid) => waits.push(pid) }, mine);
  const { pid } = child.process;
  await expect(taken).rejects.toThrow(`expected it to become free, got it held by process ${pid}`);
  expect(waits).toEqual([pid]);
  await child.kill('SIGKILL');
});

test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'a holder in another container, whose pid says nothing here, is waited for until it dies',
  async () => {
    const other = await holder({ ownPids: true });
    await expect(withLock(lock, { waitMs: 120 }, mine)).rejects.toThrow('expected it to become free');
    await other.kill('SIGKILL');
    expect(await withLock(lock, { waitMs: 10_000 }, mine)).toBe('mine');
  },
);

test('a lock in a folder with a long path holds as any other', async () => {
  lock = join(folder, 'f'.repeat(60), 'g'.repeat(60), 'lock');
  const child = await holder();
  await expect(withLock(lock, { waitMs: 0 }, mine)).rejects.toThrow('expected it to become free');
  await child.kill('SIGKILL');
  expect(await withLock(lock, { waitMs: 0 }, mine)).toBe('mine');
});

test('processes that take over a dead lock at once never hold it together', async () => {
  const counter = join(folder, 'counter');
  writeFileSync(counter, '0');
  writeFileSync(lock, dead);
  const children = [1, 2, 3].map(() =>
    startChild(new URL('fixtures/count-under-lock.ts', import.meta.url), [lock, counter, '15']),
  );
  await Promise.all(children.map((child) => child.line(/^done$/)));
  expect(readFileSync(counter, 'utf8')).toBe('45');
});
