import { isFailureReason, storeReasons } from '../failure/reasons.ts';

/** Whom a run tells how it fares. Stands in the workflow's history, so the URL holds no secret. */
export interface NotifyRequest {
  readonly url: string;
  /** Milliseconds for which files wait before that is told. */
  readonly afterMs: number;
}

export const noticeEvents = ['complete', 'complete with failures', 'failed', 'paused', 'waiting'] as const;
export type NoticeEvent = (typeof noticeEvents)[number];

/** What is told: counts, reasons and times, and nothing of what is in the files. */
export interface Notice extends NoticeFigures {
  readonly event: NoticeEvent;
  /** Counts the run's notices from 1; the same in every attempt to tell this one. */
  readonly number: number;
  /** When it happened (ISO 8601). */
  readonly at: string;
  /** The first of what waits. */
  readonly waits: readonly NoticeWait[];
}

interface NoticeFigures {
  readonly files: number;
  readonly doneFiles: number;
  readonly failedFiles: number;
  readonly bytes: number;
  readonly doneBytes: number;
}

interface NoticeWait {
  readonly reason: string;
  /** ISO 8601, when known. */
  readonly until?: string;
}

export const MOST_NOTICE_WAITS = 5;
/** Nothing waits longer; of what claims to, no time is told. */
const LONGEST_WAIT_MS = 60 * 24 * 3_600_000;

/** @param figures summed over all kinds of files */
export function noticeOf(
  head: Pick<Notice, 'event' | 'number' | 'at'>,
  { files, doneFiles, failedFiles, bytes, doneBytes }: NoticeFigures,
  waiting: readonly NoticeWait[],
): Notice {
  const latest = Date.parse(head.at) + LONGEST_WAIT_MS;
  const waits = waiting
    .filter(({ reason }) => isFailureReason(reason) || Object.hasOwn(storeReasons, reason))
    .slice(0, MOST_NOTICE_WAITS)
    .map(({ reason, until = '' }) => {
      const at = Date.parse(until);
      // Written anew: many a text is read as a time.
      return { reason, ...(at >= 0 && at <= latest ? { until: new Date(at).toISOString() } : {}) };
    });
  return { ...head, files, doneFiles, failedFiles, bytes, doneBytes, waits };
}
