import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Seal } from '../../src/activities/records/seal.ts';

/** Of workers and clients that tests start themselves. */
export const testKey = Buffer.alloc(32, 'test');

/** What such workers know their own texts by. */
export const testSeal = new Seal(testKey);

/** The same for processes: FFHQ_KEY_FILE. */
export function makeTestKeyFile(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'test-key');
  writeFileSync(path, testKey, { mode: 0o600 });
  return path;
}
