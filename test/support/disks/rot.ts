import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Flips a byte as bit rot does: size and times stay what they were. `time`: a file to keep them in. */
export function rot(path: string, time: string): void {
  const before = statSync(path, { bigint: true });
  execFileSync('touch', ['-r', path, time]);
  const bytes = readFileSync(path);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
  execFileSync('touch', ['-r', time, path]);
  const after = statSync(path, { bigint: true });
  expect([after.size, after.mtimeNs]).toEqual([before.size, before.mtimeNs]);
}
