import type { Lines } from './door.ts';
import type { ProgressView } from './progress-model.ts';

/**
 * What happens beside progress, each once. In JSON, one object per line with these fields and `at`.
 *
 * | event | when |
 * |---|---|
 * | folder | first of all: where the dataset goes |
 * | note | something to know that changes nothing |
 * | server | the Temporal server in use; with `state` lost or back, while watching |
 * | run | the run was started, attached to, or begun anew |
 * | worker | a worker in this process started, or drains |
 * | progress | a view of the run (JSON only: text shows it as bars or lines) |
 * | result | the end of it, with the exit code |
 * | check | one line of `doctor`: `check`, `status` (ok, note, problem), `found`, `todo` (null: nothing) |
 * | exclusions | what the folder lets go, after `exclude` and `check-flickr` |
 * | plan, status, runs, report, metadata, stats, licenses, attribution, search, show, doctor, login, error | the answer of the verb of that name |
 */
export interface DisplayEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** Where a verb writes for people or programs; one of three forms. */
export interface Display {
  /** `lines` is the same thing in words; empty when people need not hear of it. */
  say(event: DisplayEvent, lines: Lines): void;
  /** The state of the run as of now. */
  show(view: ProgressView): void;
  /** Ends the live block, leaving its last state on the screen. */
  settle(): void;
  /** Does a live block own the terminal, so that nothing else may write to it? */
  readonly isLive: boolean;
}

/** Tells something to know that changes nothing. */
export function noteTo(display: Display): (text: string) => void {
  return (text) => display.say({ event: 'note', text }, text);
}
