/**
 * The only maker of ApplicationFailure: failures are data until they leave an Activity. Their messages are quoted, because
 * Temporal's own tools print them as they are.
 */

import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { ManifestError } from '../domain/dataset/manifest.ts';
import { type FailureReason, failureType } from '../domain/failure/reasons.ts';
import {
  errorCode,
  StoreError,
  type StoreFailureReason,
  storeErrorFrom,
} from '../domain/failure/store-failure.ts';
import { RequestError } from '../domain/network/request-url.ts';
import { quoted } from '../domain/quoting/quoted.ts';
import { HOUR, MINUTE, SECOND } from '../domain/run/time-units.ts';
import type { InputRefusal } from '../domain/signing/signed-input.ts';
import { PartialLostError } from './partials/partial-file.ts';
import { SourceRequestError } from './sources/contract/source-definition.ts';

/**
 * Waits that end by themselves: held by Temporal, no slot is taken. Undefined: final. Short, because whoever made room
 * or mounted the share looks on; a worker without the share only hands the task to one that has it.
 */
const storeWaits: Readonly<Record<StoreFailureReason, number | undefined>> = {
  'not-mounted': 5 * SECOND,
  'outside-root': 5 * SECOND,
  'disk-full': 10 * SECOND,
  'partial-held': 15 * SECOND,
  'disk-fault': 30 * SECOND,
  'machine-short': 5 * SECOND,
  owned: undefined,
  'too-little-space': undefined,
  'not-writable': undefined,
  // Final for the Activity: the workflow has the manifest loaded again, then the Activity once more.
  'manifest-lost': undefined,
  'unsafe-folder': undefined,
};

/**
 * Where the source names no wait itself. Blocks last from minutes to a day; a dead network is tried soon. A login that the
 * proxy takes comes with another worker, which need not wait either.
 */
const stopWaits: Readonly<Partial<Record<FailureReason, number>>> = {
  blocked: 5 * MINUTE,
  'network-down': 5 * SECOND,
  'rate-limited': 30 * SECOND,
  'proxy-login': 30 * SECOND,
  credential: 30 * SECOND,
  'sign-in': 10 * SECOND,
  'daily-limit': HOUR,
  'source-not-mounted': 10 * SECOND,
};

/** Waits grow no longer than this, however long a network is down. */
const LONGEST_STOP = MINUTE;

interface Stop {
  readonly reason: FailureReason;
  readonly detail: string;
  readonly retryAfterMs?: number;
}

/** How long (ms) nobody tries again after a failure that concerns every file, or every file of its host. */
export function stopWaitMs(
  { reason, retryAfterMs }: Pick<Stop, 'reason' | 'retryAfterMs'>,
  attempt: number,
): number {
  if (retryAfterMs !== undefined) return Math.max(SECOND, retryAfterMs);
  const base = stopWaits[reason] ?? 30 * SECOND;
  return base < LONGEST_STOP ? Math.min(LONGEST_STOP, base * attempt) : base;
}

/** A reason that concerns every file: the attempt ends, nothing is counted against any of them. */
export function stopFailure(stop: Stop, waitMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: failureType('Source', stop.reason),
    message: quoted(stop.detail),
    nextRetryDelay: waitMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Files of a bundle had passing faults: the next attempt does only those. */
export function unfinishedFailure(message: string, delayMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: failureType('Bundle', 'unfinished'),
    message: quoted(message),
    nextRetryDelay: delayMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Nobody took a notice: how long is waited is the Retry Policy's. */
export function undeliveredFailure(message: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: failureType('Notice', 'undelivered'),
    message: quoted(message),
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Waits of what another worker may take are no longer than this. */
const LONGEST_OTHER = 30 * SECOND;

/**
 * The input was not signed for the Activity that it came to. One by another key is for another worker: a worker that
 * strayed to this Task Queue must not end what others do there.
 */
export function notSignedFailure(
  { sentence, isOfAnotherKey }: InputRefusal,
  attempt: number,
): ApplicationFailure {
  if (!isOfAnotherKey) return inputFailure('not-signed', sentence);
  return ApplicationFailure.create({
    type: failureType('Input', 'not-signed'),
    message: quoted(sentence),
    nextRetryDelay: Math.min(LONGEST_OTHER, attempt * SECOND),
    category: ApplicationFailureCategory.BENIGN,
  });
}

function inputFailure(reason: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: failureType('Input', reason),
    message: quoted(message),
    nonRetryable: true,
  });
}

/** What is short then is the machine, whatever was tried. */
const wordsOfMachines: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'ENOBUFS']);

/** System calls of open files; of those that fail the path is not told. Sockets' own errors do not come so far. */
const callsOfFiles: ReadonlySet<unknown> = new Set([
  ...['read', 'write', 'writev', 'fsync', 'fdatasync', 'ftruncate', 'fstat', 'futime', 'fchmod', 'close'],
]);

/** Is it of a file or of a folder, or of the machine as a whole? */
function isOfFiles(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { path, syscall } = error as { readonly path?: unknown; readonly syscall?: unknown };
  return path !== undefined || callsOfFiles.has(syscall) || wordsOfMachines.has(errorCode(error) ?? '');
}

/** Whatever an Activity threw, as what Temporal should be told. Cancellation passes through untouched. */
export function asActivityFailure(thrown: unknown): unknown {
  if (thrown instanceof ApplicationFailure || thrown instanceof CancelledFailure) return thrown;
  // Of files, that is: sockets have no path. A folder that may not be written to is nothing to try again forever.
  const error = (isOfFiles(thrown) ? storeErrorFrom(thrown, 'dataset folder') : undefined) ?? thrown;
  if (error instanceof StoreError) {
    const delay = storeWaits[error.reason];
    return ApplicationFailure.create({
      type: failureType('Store', error.reason),
      message: quoted(error.message),
      ...(delay === undefined
        ? { nonRetryable: true }
        : { nextRetryDelay: delay, category: ApplicationFailureCategory.BENIGN }),
      cause: printable(error),
    });
  }
  if (error instanceof ManifestError) return inputFailure('manifest', error.message);
  if (error instanceof SourceRequestError) return inputFailure('source', error.message);
  if (error instanceof RequestError) return inputFailure('request', error.message);
  if (error instanceof PartialLostError) return unfinishedFailure(error.message, SECOND);
  return error;
}

/** Attempts that may end by an error that nobody foresaw: some minutes. What does not pass by then does not pass. */
const MOST_SURPRISES = 10;

/** The failure as it is, or a final one where an Activity has failed again and again by the same that nobody foresaw. */
export function endingSurprises(
  failure: unknown,
  attempts: { countSurprise(name: string): number },
): unknown {
  if (failure instanceof ApplicationFailure || failure instanceof CancelledFailure) return failure;
  if (attempts.countSurprise(surpriseOf(failure)) < MOST_SURPRISES)
    return failure instanceof Error ? printable(failure) : failure;
  const words = failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure);
  return ApplicationFailure.create({
    type: 'Internal.unexpected',
    message: quoted(`expected none of this, ${MOST_SURPRISES} times: ${words.slice(0, 500)}`),
    nonRetryable: true,
    ...(failure instanceof Error ? { cause: printable(failure) } : {}),
  });
}

/** Causes of causes that are told. */
const MOST_CAUSES = 4;

/** An error with the same words, quoted: history tools print its stack and its causes as they are, too. */
function printable(error: Error, depth = 0): Error {
  const { cause, message, name, stack = '' } = error;
  const told =
    cause === undefined || depth === MOST_CAUSES ? {} : { cause: printableCause(cause, depth + 1) };
  const copy = new Error(quoted(message), told);
  copy.name = quoted(name);
  // Its own line breaks part the frames.
  copy.stack = stack
    .split('\n')
    .map((line) => quoted(line))
    .join('\n');
  const isSame = [message, name, stack].every(
    (text, nth) => text === [copy.message, copy.name, copy.stack][nth],
  );
  return isSame && told.cause === cause ? error : copy;
}

function printableCause(cause: unknown, depth: number): unknown {
  if (cause instanceof Error) return printable(cause, depth);
  return typeof cause === 'string' ? quoted(cause) : cause;
}

/** Which one it is: names, digits and paths of its message may be others each time. */
function surpriseOf(failure: unknown): string {
  if (!(failure instanceof Error)) return typeof failure;
  return `${failure.name} ${errorCode(failure) ?? ''}`;
}
