import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeLogger } from '../src/logger.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a line of the log stays a line of printable JSON, whatever was said and whoever said it', () => {
  const file = join(folder, 'worker.log');
  const log = makeLogger({ level: 'warn', file });
  const text = 'a\u001b]0;x\u0007\u009b31m\r\n\u2028\u202e\ud800é';
  log.warn({ host: text }, text);
  log.error({ err: new Error(text) }, 'failed');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ host: text.replace('\ud800', '\ud800'), msg: text });
});
