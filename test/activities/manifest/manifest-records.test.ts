import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { sliceManifest } from '../../../src/activities/manifest/slice-manifest.ts';
import { ManifestError } from '../../../src/domain/dataset/manifest.ts';
import { testSeal } from '../../support/test-key.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-test-records-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What is said of a manifest of this text. */
async function refusal(text: string): Promise<string> {
  const path = join(folder, 'manifest.json');
  await writeFile(path, text);
  const { signal } = new AbortController();
  return sliceManifest(path, folder, undefined, testSeal, signal, () => {}).then(
    () => 'nothing is refused',
    (error: unknown) => {
      if (error instanceof ManifestError) return error.message;
      throw error;
    },
  );
}

test.each([
  ['a record nested 400,000 deep', `${'['.repeat(400_000)}${']'.repeat(400_000)}`, 'record 7'],
  [
    'a field nested 400,000 deep',
    `{"category":${'['.repeat(400_000)}${']'.repeat(400_000)}}`,
    'record 7, field category',
  ],
  ['a text of a megabyte', `"${'x'.repeat(1_000_000)}"`, 'record 7'],
  [
    'a number of a hundred thousand digits',
    `{"in_the_wild":{"file_size":${'9'.repeat(100_000)}}}`,
    'field in_the_wild.file_size',
  ],
  ['a value that is no JSON', '{"a":01}', 'record 7'],
  ['a record of more than a megabyte', `{"a":"${'x'.repeat(3_000_000)}"}`, '"7"'],
  ['a record that never ends', `{"a":"${'x'.repeat(3_000_000)}`, '"7"'],
])('a manifest with %s is refused in a sentence that names the record', async (_, value, named) => {
  const said = await refusal(`{"7":${value}}`);
  expect(said).toMatch(/^manifest \[.*\]: expected .*, got /);
  expect(said).toContain(named);
  expect(said.length).toBeLessThan(600);
});

test.each([
  ['a name without quotes', '{"author":JANE DOE}'],
  ['a number that is none, beside a name', '{"author":"JANE DOE","a":01}'],
  ['a line break in a name', '{"author":"JANE DOE\n"}'],
  ['a record of more than a megabyte', `{"author":"JANE DOE${'x'.repeat(3_000_000)}"}`],
])('a record that is no JSON is refused without the names in it: %s', async (_, record) => {
  const said = await refusal(`{"7":${record}}`);
  expect(said).toContain('7');
  expect(said).not.toMatch(/JANE|DOE/);
});

/** The files of a folder that this process has open. */
async function openIn(path: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const leads = await Promise.all(descriptors.map((one) => readlink(`/proc/self/fd/${one}`).catch(() => '')));
  return leads.filter((file) => file.startsWith(path));
}

test('a manifest that is refused in the middle is closed again', async () => {
  const records = Array.from({ length: 20_000 }, (_, id) => `"${id + 8}":{}`);
  expect(await refusal(`{"7":{},"x":{},${records.join()}}`)).toContain('record x');
  await vi.waitFor(async () => expect(await openIn(folder)).toEqual([]));
});
