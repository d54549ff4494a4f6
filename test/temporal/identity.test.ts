import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { fateOf, isAlive, processNow, processStart, thisProcess } from '../../src/process/process-ref.ts';
import { isDeadProcessOfThisHost, parseIdentity, workerIdentity } from '../../src/temporal/identity.ts';

const mine = workerIdentity();
const me = thisProcess();

/** This process's identity with one part of it replaced. */
const but = (part: string, by: string): string => {
  expect(mine).toContain(part);
  return mine.replace(part, by);
};

test('an identity says host, boot, pid and start, and can be read again', () => {
  const { pid, start, boot } = me;
  expect(parseIdentity(mine)).toMatchObject({ pid, start, boot });
  for (const foreign of ['', '123@host', 'temporal-cli:someone@host', `${mine}x`, `x${mine}`]) {
    expect(parseIdentity(foreign)).toBeUndefined();
    expect(isDeadProcessOfThisHost(foreign)).toBe(false);
  }
});

test('a process that ended is dead, a running one is not', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const ref = processNow(child.pid ?? 0);
  if (!ref) throw new Error('expected a process, got none');
  const identity = mine.replace(/^\d+/, String(ref.pid)).replace(/[^/]+$/, ref.start);
  expect(isDeadProcessOfThisHost(identity)).toBe(false);
  expect(isAlive(ref)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isDeadProcessOfThisHost(identity)).toBe(true);
  expect(isAlive(ref)).toBe(false);
  expect(processStart(ref.pid)).toBeUndefined();
});

test('another process with the same pid does not keep a dead one alive', () => {
  expect(isDeadProcessOfThisHost(mine)).toBe(false);
  expect(isDeadProcessOfThisHost(mine.replace(/[^/]+$/, '12345'))).toBe(true);
  expect(isAlive({ ...me, start: '12345' })).toBe(false);
});

test('what ran before this boot is dead; what runs elsewhere never is', () => {
  expect(isDeadProcessOfThisHost(but(`/${me.boot}/`, '/01234567/'))).toBe(true);
  const { host, place } = parseIdentity(mine) ?? { host: '', place: '' };
  expect(isDeadProcessOfThisHost(but(`@${host}/`, '@elsewhere/').replace(/[^/]+$/, '12345'))).toBe(false);
  expect(isDeadProcessOfThisHost(but(`/${place}/`, '/00000000/').replace(/[^/]+$/, '12345'))).toBe(false);
  expect(fateOf({ ...me, boot: '01234567' })).toBe('gone');
  expect(fateOf(me)).toBe('alive');
  for (const elsewhere of [{ host: 'another' }, { space: 'pid:[1]' }]) {
    expect(fateOf({ ...me, ...elsewhere, start: '12345' })).toBe('unknown');
    expect(isAlive({ ...me, ...elsewhere })).toBe(false);
  }
  expect(fateOf({ ...me, host: 'another', boot: '01234567' })).toBe('unknown');
});
