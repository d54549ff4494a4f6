import type { SlownessKind } from '../../../domain/limits/slowdown.ts';
import type { Crowd } from './crowd.ts';

/** What a run's user allows it of a source, this process's share of it. */
export interface Flow {
  /** Resolves when another request may start. Undefined: at once. */
  request(signal: AbortSignal): Promise<void> | undefined;
  /** Resolves when so many bytes more may have come. Undefined: at once. */
  bytes(count: number, signal: AbortSignal): Promise<void> | undefined;
  /**
   * So many bytes come at once, though the limit says later: the next ones wait until these are paid. False: too many are owed.
   */
  ahead(count: number): boolean;
  /**
   * The run asks this host, which bears only so much, on a way that began at `start`; what is answered says that the request
   * is over.
   *
   * @param shown what people may read of it: a server that leads elsewhere can put into a host's name what it was sent
   */
  asks(host: string, crowd: Crowd, start: string, shown: string): () => void;
  /** A file of the run waits for its turn at a host, and needs none of the process's places meanwhile. */
  waits<Result>(turn: Promise<Result>): Promise<Result>;
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
