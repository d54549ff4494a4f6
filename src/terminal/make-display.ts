import type { Display } from './display.ts';
import { outletOf } from './door.ts';
import { makeJsonDisplay } from './json-display.ts';
import { makeLiveDisplay } from './live-display.ts';
import { makePlainDisplay } from './plain-display.ts';

/** JSON when asked for, a live block on a terminal, plain lines otherwise. */
export function makeDisplay(options: {
  readonly output: 'text' | 'json';
  readonly stream: NodeJS.WriteStream;
  readonly redrawMs: number;
  /** Commands that start a worker, as the person would type them. */
  readonly startWorker?: string | undefined;
}): Display {
  const { output, stream, redrawMs, startWorker } = options;
  const outlet = outletOf(stream);
  if (output === 'json') return makeJsonDisplay(outlet);
  return stream.isTTY
    ? makeLiveDisplay({ stream, redrawMs, startWorker })
    : makePlainDisplay({ ...outlet, startWorker });
}
