import type { Display } from './display.ts';
import { linesTo } from './door.ts';
import type { ProgressView } from './progress-model.ts';
import { plainLine, remarksOf } from './progress-text.ts';

/** A log is read later: a line when something changed, and not more often than this. */
const LINE_EVERY_MS = 5_000;

/** Plain lines for pipes and logs. */
export function makePlainDisplay(options: {
  readonly write: (text: string) => void;
  /** Commands that start a worker, as the person would type them. */
  readonly startWorker?: string | undefined;
  readonly everyMs?: number;
  readonly now?: () => number;
}): Display {
  const { startWorker, everyMs = LINE_EVERY_MS, now = Date.now } = options;
  const write = linesTo(options);
  const said = new Set<string>();
  let shownAt = Number.NEGATIVE_INFINITY;
  let lastShape = '';
  let lastLine = '';
  let waiting: ProgressView | undefined;

  const print = (view: ProgressView) => {
    waiting = undefined;
    shownAt = now();
    lastShape = shapeOf(view);
    const line = plainLine(view);
    if (line !== lastLine) write(line);
    lastLine = line;
    for (const { key, text } of remarksOf(view, now(), startWorker)) {
      if (said.has(key)) continue;
      said.add(key);
      write(text);
    }
  };
  return {
    isLive: false,
    say(_event, lines) {
      if (lines !== '') write(lines);
    },
    show(view) {
      // Another stage, a pause, a run that got stuck: at once. Figures: now and then.
      if (shapeOf(view) !== lastShape || now() - shownAt >= everyMs) print(view);
      else waiting = view;
    },
    settle() {
      if (waiting !== undefined) print(waiting);
    },
  };
}

function shapeOf(view: ProgressView): string {
  return [
    view.stage,
    view.paused,
    view.workerPolls,
    view.failingTask?.cause,
    ...view.waits.map(({ what }) => what),
  ].join('\n');
}
