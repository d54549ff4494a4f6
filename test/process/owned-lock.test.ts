import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../src/process/owned-lock.ts';
import { thisProcess } from '../../src/process/process-ref.ts';
import { startChild } from '../support/server/child.ts';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-lock-'));
  lock = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const dead = JSON.stringify({ pid: 1, start: 'long ago', boot: 'another', nonce: '00ff' });

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

test('the lock of a dead process, or a torn one, is taken over', async () => {
  for (const content of [dead, '', '{"pid":']) {
    writeFileSync(lock, content);
    expect(await withLock(lock, { waitMs: 0 }, () => Promise.resolve('mine'))).toBe('mine');
  }
  writeFileSync(lock, dead);
  // The one that was taking it over died, too.
  writeFileSync(`${lock}.00ff`, dead);
  expect(await withLock(lock, { waitMs: 0 }, () => Promise.resolve('mine'))).toBe('mine');
  expect(readdirSync(folder)).toEqual([]);
});

test('a living holder is waited for, and named when that takes too long', async () => {
  writeFileSync(lock, JSON.stringify({ ...thisProcess(), nonce: '01' }));
  const waits: number[] = [];
  const taken = withLock(lock, { waitMs: 120, onWait: (pid) => waits.push(pid) }, () => Promise.resolve());
  await expect(taken).rejects.toThrow(`expected it to become free, got it held by process ${process.pid}`);
  expect(waits).toEqual([process.pid]);
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
