import { membersOf } from '../parsed-json.ts';
import { type Bandwidth, formatRate, parseBandwidth, type Rate, rateAt } from './rate.ts';

/** What a run's user allows it, over all its workers; absent: no limit. */
export interface RunLimits {
  readonly bandwidth?: Bandwidth;
  /** Requests started per second. */
  readonly requests?: number;
  /** Files in flight per worker, of this run; a worker has no more than its own `--num_threads`. */
  readonly files?: number;
}

/** Limits as a run keeps them: in its memo, where workers and clients read them without asking anybody. */
export interface KeptLimits {
  /** By the flags of the command that started it. */
  readonly asked: RunLimits;
  /** With what `ffhq set` changed. */
  readonly now: RunLimits;
}

/** Argument of the Update `setLimits`: what is absent stays as it is, `off` takes the limit away. */
export interface LimitChanges {
  readonly bandwidth?: Bandwidth;
  readonly requests?: number | 'off';
  readonly files?: number | 'off';
}

export const noLimits: RunLimits = {};

export const LEAST_REQUESTS = 0.01;
export const MOST_REQUESTS = 100_000;
export const MOST_FILES = 1_024;

/** What comes from elsewhere as changes; undefined where it is none of them. */
export function readChanges(value: unknown): LimitChanges | undefined {
  const { bandwidth, requests, files } = membersOf(value);
  const read = bandwidth === undefined ? undefined : readBandwidth(bandwidth);
  if (bandwidth !== undefined && read === undefined) return undefined;
  if (requests !== undefined && requests !== 'off' && !isRequests(requests)) return undefined;
  if (files !== undefined && files !== 'off' && !isFiles(files)) return undefined;
  return {
    ...(read === undefined ? {} : { bandwidth: read }),
    ...(requests === undefined ? {} : { requests }),
    ...(files === undefined ? {} : { files }),
  };
}

/** The limits after a change. */
export function changed(limits: RunLimits, { bandwidth, requests, files }: LimitChanges): RunLimits {
  const all = {
    bandwidth: bandwidth ?? limits.bandwidth,
    requests: requests ?? limits.requests,
    files: files ?? limits.files,
  };
  return {
    ...(all.bandwidth === undefined || all.bandwidth.text === 'off' ? {} : { bandwidth: all.bandwidth }),
    ...(all.requests === undefined || all.requests === 'off' ? {} : { requests: all.requests }),
    ...(all.files === undefined || all.files === 'off' ? {} : { files: all.files }),
  };
}

/**
 * A run's limits from its memo. Whoever reaches the server may have written it: what this version cannot read is no limit.
 */
export function readKeptLimits(value: unknown): KeptLimits {
  const { asked, now } = membersOf(value);
  return {
    asked: changed(noLimits, readChanges(asked) ?? {}),
    now: changed(noLimits, readChanges(now) ?? {}),
  };
}

/** Are they the same? */
export function sameLimits(one: RunLimits, other: RunLimits): boolean {
  return (
    one.bandwidth?.text === other.bandwidth?.text &&
    one.bandwidth?.zone === other.bandwidth?.zone &&
    one.requests === other.requests &&
    one.files === other.files
  );
}

/**
 * What a run that goes on from another one is held to: the same command keeps what `ffhq set` said, another one says anew.
 */
export function limitsAfter(before: KeptLimits | undefined, asked: RunLimits): KeptLimits {
  return before !== undefined && sameLimits(before.asked, asked) ? before : { asked, now: asked };
}

/** Bytes a second at this time (ms since the epoch). */
export function bytesPerSecond({ bandwidth }: RunLimits, now: number): Rate {
  return bandwidth === undefined ? 'off' : rateAt(bandwidth, now);
}

/** For people; one line, empty without limits. */
export function limitsText(limits: RunLimits, now: number): string {
  const { bandwidth, requests, files } = limits;
  const rate = bytesPerSecond(limits, now);
  const held = rate === 'off' ? 'no limit' : `${formatRate(rate)}/s`;
  const table = bandwidth?.zone === undefined ? '' : ` (${bandwidth.text}, by ${bandwidth.zone} time)`;
  return [
    bandwidth === undefined ? '' : `${held}${table}`,
    requests === undefined ? '' : `${requests} requests a second`,
    files === undefined ? '' : `${files} ${files === 1 ? 'file' : 'files'} in flight per worker`,
  ]
    .filter((text) => text !== '')
    .join(', ');
}

function readBandwidth(value: unknown): Bandwidth | undefined {
  const { text, zone = 'UTC' } = membersOf(value);
  if (typeof text !== 'string' || typeof zone !== 'string') return undefined;
  const read = parseBandwidth(text, zone);
  return 'problem' in read ? undefined : read;
}

function isRequests(value: unknown): value is number {
  return typeof value === 'number' && value >= LEAST_REQUESTS && value <= MOST_REQUESTS;
}

function isFiles(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= MOST_FILES;
}
