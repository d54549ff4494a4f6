/**
 * - `ok`: as it should be.
 * - `note`: something to know, which stops no run.
 * - `problem`: a run would fail, wait or lose something.
 */
export type Verdict = 'ok' | 'note' | 'problem';

/** One line of `ffhq doctor`. */
export interface Finding {
  /** What was looked at, in the same words on every machine. */
  readonly check: string;
  readonly status: Verdict;
  /** What was found; may repeat what strangers wrote, so it is quoted where it is shown. Never holds a secret. */
  readonly found: string;
  /** What to do; undefined: nothing. */
  readonly todo?: string;
}

/** What one check answers. */
export interface Answer {
  readonly findings: readonly Finding[];
  /** CA certificates (PEM) that `--ca-file` brought. */
  readonly certificates?: readonly string[];
  /** What servers said of the time. */
  readonly clocks?: readonly Clock[];
}

/** A server's clock, as its answer told it. */
export interface Clock {
  readonly host: string;
  /** Milliseconds by which this machine's clock is ahead of it. */
  readonly aheadMs: number;
}

export function ok(check: string, found: string): Finding {
  return { check, status: 'ok', found };
}

export function note(check: string, found: string, todo?: string): Finding {
  return { check, status: 'note', found, ...(todo === undefined ? {} : { todo }) };
}

export function problem(check: string, found: string, todo: string): Finding {
  return { check, status: 'problem', found, todo };
}
