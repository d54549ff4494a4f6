import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { citationOf } from '../../../../src/domain/cards/citation.ts';
import { croissantOf } from '../../../../src/domain/cards/croissant.ts';
import { datasetCard } from '../../../../src/domain/cards/dataset-card.ts';
import { roCrateOf } from '../../../../src/domain/cards/ro-crate.ts';
import { officialFacts } from '../../../domain/cards/official-facts.ts';
import { VouchedDataset } from './vouched-dataset.ts';

/** A Python environment: CONTRIBUTING.md says how one is made. */
const { FFHQ_VALIDATORS: environment } = process.env;
const skipped = environment === undefined ? ' (skipped: FFHQ_VALIDATORS names no environment with them)' : '';
if (environment === undefined) console.warn(`the validators of Croissant, RO-Crate, CFF and BagIt${skipped}`);

const script = fileURLToPath(new URL('./validators.py', import.meta.url));

let dataset: VouchedDataset;
beforeEach(async () => {
  dataset = await VouchedDataset.make();
  await dataset.vouch();
});
afterEach(() => dataset.leave());

function validated(...bags: readonly string[]) {
  const python = join(environment ?? '', 'bin/python');
  const said = execFileSync(python, [script, dataset.out, ...bags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: dataset.folder, PYTHONWARNINGS: 'ignore' },
  });
  return JSON.parse(said.trimEnd().split('\n').at(-1) ?? '');
}

describe.skipIf(environment === undefined)(
  `what stewards validate with${skipped}`,
  { timeout: 120_000 },
  () => {
    test('takes every file, of a whole folder and of a part; a bag is whole once what it names was fetched', async () => {
      const [whole, recipe] = [join(dataset.folder, 'whole'), join(dataset.folder, 'recipe')];
      await dataset.metadata('--sha256');
      await dataset.metadata('--format', 'bagit', '--bag-payload', '--sha256', '--to', whole);
      await dataset.metadata('--format', 'bagit', '--ids', '7', '--to', recipe);
      const bag = join(recipe, 'ffhq-bag');
      const told = validated(join(whole, 'ffhq-bag'), bag);
      expect(told).toEqual({
        croissant: {
          version: 'http://mlcommons.org/croissant/1.1',
          issues: [],
          rows: { records: 3, 'images1024x1024-files': 3, 'thumbnails128x128-files': 3 },
        },
        roCrate: { context: 'https://w3id.org/ro/crate/1.3/context', issues: [] },
        citation: { issues: [] },
        card: { license: 'other', configs: ['images', 'thumbnails'] },
        bags: [
          { fetch: 0, issues: [] },
          { fetch: 2, issues: [expect.stringMatching(/Expected 2 files/)] },
        ],
      });
      for (const line of readFileSync(join(bag, 'fetch.txt'), 'utf8').trimEnd().split('\n')) {
        const path = line.split(' ')[2] ?? '';
        mkdirSync(dirname(join(bag, path)), { recursive: true });
        cpSync(join(dataset.out, path.replace(/^data\//, '')), join(bag, path));
      }
      await dataset.metadata('--ids', '0,7', '--images');
      expect(validated(bag)).toMatchObject({
        croissant: { issues: [] },
        roCrate: { issues: [] },
        bags: [{ fetch: 2, issues: [] }],
      });
    });

    test('takes the files of the dataset as its makers published it', async () => {
      const text = readFileSync(join(dataset.out, 'ffhq-dataset-v2.json'));
      const sha256 = createHash('sha256').update(text).digest('hex');
      const facts = {
        ...officialFacts,
        manifest: { ...officialFacts.manifest, sha256, bytes: text.length },
        pictures: officialFacts.pictures.slice(0, 1),
      };
      const put = (name: string, made: string) => {
        mkdirSync(dirname(join(dataset.out, name)), { recursive: true });
        writeFileSync(join(dataset.out, name), made);
      };
      for (const { path } of facts.files) put(path, '');
      put('croissant.json', JSON.stringify(croissantOf(facts)));
      put('ro-crate-metadata.json', JSON.stringify(roCrateOf(facts)));
      put('README.md', datasetCard(facts));
      put('CITATION.cff', citationOf(facts));
      expect(validated()).toMatchObject({
        croissant: { issues: [], rows: { records: 3 } },
        roCrate: { issues: [] },
        citation: { issues: [] },
        card: { license: 'cc-by-nc-sa-4.0', configs: ['images'] },
      });
    });
  },
);
