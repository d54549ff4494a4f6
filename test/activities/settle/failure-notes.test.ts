import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FailureLog } from '../../../src/activities/records/failure-log.ts';
import { FailureNotes } from '../../../src/activities/settle/failure-notes.ts';
import type { FileFailure } from '../../../src/domain/failure/file-failure.ts';
import { testSeal } from '../../support/test-key.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-notes-'));
});
afterEach(() => rm(root, { recursive: true }));

const failure = (key: string): FileFailure => ({
  kind: 'images',
  key,
  path: `images1024x1024/00000/0000${key}.png`,
  outcome: 'unavailable',
  reason: 'missing',
  detail: 'status 404',
  attempts: 1,
});

/** One attempt of an Activity, by one worker process. */
async function attempt(
  writer: string,
  what: { readonly fails?: readonly string[]; readonly done?: readonly string[] },
): Promise<void> {
  const noted = { storePath: root, run: 'r', kind: 'images', group: '00000', onlyToKnow: false } as const;
  const notes = new FailureNotes(new FailureLog(writer, testSeal), noted);
  await notes.read();
  for (const key of what.fails ?? []) notes.fail(failure(key), () => {});
  for (const key of what.done ?? []) notes.done(key);
  await notes.written([]);
}

async function reported(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of new FailureLog('reader', testSeal).readFailures(root, 'r')) keys.push(key);
  return keys;
}

test('a file whose failure was noted by an attempt that died, and that came after all, is in no report', async () => {
  await attempt('w9', { fails: ['1', '2'] });
  expect(await reported()).toEqual(['1', '2']);
  await attempt('w1', { done: ['0', '1'] });
  expect(await reported()).toEqual(['2']);
  // Noted twice, by attempts of which neither heard of the other.
  await attempt('w2', { fails: ['2'] });
  await attempt('w3', { done: ['2'] });
  expect(await reported()).toEqual([]);
  // And it may fail again.
  await attempt('w0', { fails: ['2'] });
  expect(await reported()).toEqual(['2']);
});
