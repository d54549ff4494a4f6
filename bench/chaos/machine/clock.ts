import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The clock of those programs that are started with its environment. */
export interface Clock {
  readonly env: Readonly<Record<string, string>>;
  readonly canJump: boolean;
  set(offsetSeconds: number): void;
}

const LIBRARIES = ['x86_64-linux-gnu', 'aarch64-linux-gnu', ''].map(
  (folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`,
);

/** By libfaketime (Debian: `faketime`), which looks at a file; without it the clock is everybody's and stays. */
export function makeClock(folder: string): Clock {
  const library = LIBRARIES.find((path) => existsSync(path));
  if (library === undefined) return { env: {}, canJump: false, set: () => {} };
  const file = join(folder, 'clock');
  const set = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  set(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      // A jump of the wall clock moves neither timers nor what the file system says.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    canJump: true,
    set,
  };
}
