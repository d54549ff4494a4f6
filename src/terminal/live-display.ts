import type { Display } from './display.ts';
import { blockOn, linesTo } from './door.ts';
import type { ProgressView } from './progress-model.ts';
import { blockLines } from './progress-text.ts';

const FRAMES = ['|', '/', '-', '\\'] as const;

/** One block at the bottom of a terminal, redrawn every `redrawMs`; what is said scrolls away above it. */
export function makeLiveDisplay(options: {
  readonly stream: NodeJS.WriteStream;
  readonly redrawMs: number;
  /** Commands that start a worker, as the person would type them. */
  readonly startWorker?: string | undefined;
  readonly now?: () => number;
}): Display {
  const { stream, redrawMs, startWorker, now = Date.now } = options;
  const block = blockOn(stream);
  const print = linesTo(stream);
  let view: ProgressView | undefined;
  let timer: NodeJS.Timeout | undefined;
  let frame = 0;

  const draw = () => {
    if (view === undefined) return;
    // One column stays free: a full line wraps on some terminals.
    const columns = Math.max(20, (stream.columns ?? 80) - 1);
    const [head = '', ...rest] = blockLines(view, columns - 2, now(), startWorker);
    const rows = Math.max(3, (stream.rows ?? 24) - 2);
    block.draw([`${FRAMES[frame % FRAMES.length]} ${head}`, ...rest].slice(0, rows));
  };
  return {
    isLive: true,
    say(_event, lines) {
      if (lines === '') return;
      if (view === undefined) {
        print(lines);
      } else {
        block.clear();
        print(lines);
        draw();
      }
    },
    show(next) {
      const isFirst = view === undefined;
      view = next;
      if (isFirst) {
        draw();
        timer = setInterval(() => {
          frame++;
          draw();
        }, redrawMs);
        timer.unref();
      }
    },
    settle() {
      clearInterval(timer);
      if (view !== undefined) {
        draw();
        block.done();
      }
      view = undefined;
    },
  };
}
