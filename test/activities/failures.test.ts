import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { asActivityFailure, endingSurprises, notSignedFailure } from '../../src/activities/failures.ts';
import { SourceRequestError } from '../../src/activities/sources/contract/source-definition.ts';
import { ManifestError } from '../../src/domain/dataset/manifest.ts';
import { StoreError } from '../../src/domain/failure/store-failure.ts';

function systemError(code: string, more: object = {}): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code, ...more });
}

function failureOf(error: Error): ApplicationFailure {
  const failure = asActivityFailure(error);
  if (!(failure instanceof ApplicationFailure)) throw new Error(`expected a failure, got ${String(failure)}`);
  return failure;
}

test.each(['EACCES', 'EROFS', 'EPERM'])('%s of a file ends the run: no attempt can cure it', (code) => {
  const failure = failureOf(systemError(code, { path: '/out/.ffhq/owner.json' }));
  expect(failure).toMatchObject({ type: 'Store.NotWritable', nonRetryable: true });
  expect(failure.message).toContain(code);
});

test('a full disk, and a share that went away, are waited for wherever they are met', () => {
  for (const [code, type] of [
    ['ENOSPC', 'Store.DiskFull'],
    ['ESTALE', 'Store.NotMounted'],
  ] as const) {
    const failure = failureOf(systemError(code, { path: '/out/x' }));
    expect(failure).toMatchObject({ type, nonRetryable: false });
    expect(failure.nextRetryDelay).toBeGreaterThan(0);
  }
});

test.each([
  ...['EMFILE', 'ENOMEM', 'EAGAIN', 'ENOTCONN', 'ETIMEDOUT', 'ENODEV', 'EHOSTDOWN'],
  ...['EREMOTEIO', 'EUCLEAN', 'EBADMSG', 'ENXIO', 'EIO', 'ENOSPC'],
])('%s of an open file, whose path is not told, is waited for', (code) => {
  expect(failureOf(systemError(code, { syscall: 'fsync' }))).toMatchObject({ nonRetryable: false });
});

test('only the same surprise, again and again, ends a run', () => {
  let last: { readonly name: string; times: number } | undefined;
  const attempts = {
    countSurprise: (name: string) => {
      last = { name, times: last?.name === name ? last.times + 1 : 1 };
      return last.times;
    },
  };
  const odd = (nth: number) => (nth % 5 === 0 ? new RangeError('odd') : new TypeError(`odd at ${nth}`));
  for (let nth = 1; nth <= 50; nth++) expect(endingSurprises(odd(nth), attempts)).toEqual(odd(nth));
  const same = Array.from({ length: 10 }, (_, nth) => endingSurprises(new TypeError(`at ${nth}`), attempts));
  expect(same.map((failure) => failure instanceof ApplicationFailure)).toContain(true);
});

test('an input by another key is left to another worker, with waits that stay short; one without a signature is final', () => {
  const sentence = 'input [workflow=w type=t]: expected a signature';
  const other = (attempt: number) => notSignedFailure({ sentence, isOfAnotherKey: true }, attempt);
  for (const attempt of [1, 5, 1_000])
    expect(other(attempt)).toMatchObject({ type: 'Input.NotSigned', message: sentence, nonRetryable: false });
  expect([1, 5, 1_000].map((attempt) => other(attempt).nextRetryDelay)).toEqual([1_000, 5_000, 30_000]);
  expect(notSignedFailure({ sentence, isOfAnotherKey: false }, 1)).toMatchObject({ nonRetryable: true });
});

test('what is no matter of the folder is left as it was thrown', () => {
  const socket = systemError('EACCES', { syscall: 'connect' });
  const gone = systemError('ENOENT', { path: '/out/x' });
  for (const error of [socket, gone]) expect(asActivityFailure(error)).toBe(error);
});

test('a request that no source can serve ends the run: no attempt can cure it', () => {
  const failure = failureOf(
    new SourceRequestError('vault', 'expected VAULT_TOKEN in the environment, got none'),
  );
  expect(failure).toMatchObject({ type: 'Input.Source', nonRetryable: true });
  expect(failure.message).toContain('[name=vault]');
});

test('a message that repeats what strangers wrote is printable in the history too', () => {
  const evil = 'record a\u001b[2J\n\u202e';
  expect(failureOf(new ManifestError(evil)).message).toBe('record a\\x1b[2J\\n\\u202e');
  expect(failureOf(systemError('EACCES', { path: evil, message: `EACCES, ${evil}` })).message).toContain(
    'EACCES, record a\\x1b[2J\\n\\u202e',
  );
});

test('causes and stacks in the history are printable too, and what was printable already is told as it is', () => {
  const evil = new StoreError('owned', 'run w\u001b]0;title\u0007', { cause: new Error('\u202ecause') });
  const failure = asActivityFailure(evil) as Error;
  for (let error: unknown = failure; error instanceof Error; error = error.cause)
    expect(`${error.message}${error.stack?.replaceAll('\n', '')}`).not.toMatch(/\p{C}/u);
  const plain = new StoreError('owned', 'run w');
  expect((asActivityFailure(plain) as Error).cause).toBe(plain);
  const attempts = { countSurprise: () => 1 };
  expect((endingSurprises(new TypeError('\u009b2J'), attempts) as Error).message).toBe('\\x9b2J');
});
