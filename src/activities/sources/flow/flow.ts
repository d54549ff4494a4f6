import type { SlownessKind } from '../../../domain/limits/slowdown.ts';
import { ownCodes } from '../http/http-error.ts';
import type { Crowd } from './crowd.ts';

/** What a run's user allows it of a source, this process's share of it. */
export interface Flow {
  /** Resolves when another request may start. Undefined: at once. */
  request(signal: AbortSignal): Promise<void> | undefined;
  /**
   * Resolves when so many bytes more may have come. Undefined: at once. Rejects with {@link SentAwayError} where more files
   * are in hand than the limits serve: this one is to have another turn.
   */
  bytes(count: number, signal: AbortSignal): Promise<void> | undefined;
  /**
   * The run asks this host, which bears only so much, on a way that began at `start`; what is answered says that the request
   * is over.
   */
  asks(host: string, crowd: Crowd, start: string): () => void;
  /** A file of the run waits for its turn at a host, and needs none of the process's places meanwhile. */
  waits<Result>(turn: Promise<Result>): Promise<Result>;
}

/** The run's limits serve fewer files at once than are in hand. */
export class SentAwayError extends Error {
  override readonly name = 'SentAwayError';
  readonly code = ownCodes.sentAway;

  constructor() {
    super('the limits of its run serve fewer files at once');
  }
}

/** Hears what files wait for. Begins a wait; what is answered ends it. */
export type BeginWait = (kind: SlownessKind) => () => void;

/** For whom a source is opened. */
export interface Asker {
  readonly flow: Flow;
  readonly beginWait: BeginWait;
}

/** Measures one wait, if there is one. */
export async function waitedFor<Result>(
  beginWait: BeginWait,
  kind: SlownessKind,
  work: Promise<Result>,
): Promise<Result> {
  const end = beginWait(kind);
  try {
    return await work;
  } finally {
    end();
  }
}
