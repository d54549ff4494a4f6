import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSigningKey } from '../../src/signing/signing-key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-test-key-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const own = () => ({ path: join(folder, 'state', 'input-key'), isGiven: false });
const given = () => ({ path: join(folder, 'lab-key'), isGiven: true });

test('the first who needs a key makes it, for this user alone, and many at once have the same one', async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, () => readSigningKey(own())));
  expect(new Set(keys.map(String)).size).toBe(1);
  expect(keys[0]?.length).toBeGreaterThanOrEqual(32);
  expect(lstatSync(own().path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'state'))).toEqual(['input-key']);
});

test('a key that others may read, a link, a folder or a short one is refused by its path', async () => {
  const { path } = own();
  await readSigningKey(own());
  chmodSync(path, 0o640);
  await expect(readSigningKey(own())).rejects.toThrow(
    `${path}]: expected a file that others may not read, got mode 640`,
  );
  rmSync(path);
  writeFileSync(given().path, 'k'.repeat(64), { mode: 0o600 });
  symlinkSync(given().path, path);
  await expect(readSigningKey(own())).rejects.toThrow(path);
  rmSync(path);
  mkdirSync(path);
  await expect(readSigningKey(own())).rejects.toThrow(/regular file|EISDIR/);
  rmSync(path, { recursive: true });
  writeFileSync(path, 'short', { mode: 0o600 });
  await expect(readSigningKey(own())).rejects.toThrow('expected at least 32 bytes, got 5');
  writeFileSync(path, 'k'.repeat(100_000));
  await expect(readSigningKey(own())).rejects.toThrow('expected at most 4096 bytes, got 100000');
});

test("a lab's key is never made; a group may read it, and it may be a link as secrets of containers are", async () => {
  await expect(readSigningKey(given())).rejects.toThrow('expected a file, got nothing');
  writeFileSync(join(folder, 'secret'), 'k'.repeat(64), { mode: 0o640 });
  symlinkSync(join(folder, 'secret'), given().path);
  expect((await readSigningKey(given())).toString()).toBe('k'.repeat(64));
  chmodSync(join(folder, 'secret'), 0o644);
  await expect(readSigningKey(given())).rejects.toThrow('got mode 644');
});

test('a line break behind a key makes no other key, and counts for nothing of its length', async () => {
  const texts = ['k'.repeat(64), `${'k'.repeat(64)}\n`, `${'k'.repeat(64)}\r\n`];
  const keys: string[] = [];
  for (const text of texts) {
    writeFileSync(given().path, text, { mode: 0o600 });
    keys.push(String(await readSigningKey(given())));
  }
  expect(new Set(keys).size).toBe(1);
  writeFileSync(given().path, '\n'.repeat(64), { mode: 0o600 });
  await expect(readSigningKey(given())).rejects.toThrow(/at least 32 bytes/);
});
