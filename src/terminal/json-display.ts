import { quotedJson } from '../domain/quoting/quoted.ts';
import type { Display } from './display.ts';
import { jsonTo } from './door.ts';

/** Events for programs: one JSON object per line, each with `event` and `at`. */
export function makeJsonDisplay(options: {
  readonly write: (text: string) => void;
  readonly now?: () => number;
}): Display {
  const { write, now = Date.now } = options;
  let last = '';
  const print = jsonTo({ write });
  const emit = (event: object) => print({ ...event, at: new Date(now()).toISOString() });
  return {
    isLive: false,
    say(event) {
      emit(event);
    },
    show(view) {
      const text = quotedJson(view);
      if (text === last) return;
      last = text;
      emit({ event: 'progress', ...view });
    },
    settle() {},
  };
}
