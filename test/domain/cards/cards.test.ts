import { expect, test } from 'vitest';
import { type CardFacts, versionOf } from '../../../src/domain/cards/card-facts.ts';
import { citationOf } from '../../../src/domain/cards/citation.ts';
import { croissantOf } from '../../../src/domain/cards/croissant.ts';
import { datasetCard } from '../../../src/domain/cards/dataset-card.ts';
import { roCrateOf } from '../../../src/domain/cards/ro-crate.ts';
import { sumLine } from '../../../src/domain/cards/sum-lines.ts';
import { officialFacts } from './official-facts.ts';

const { manifest } = officialFacts;
const foreign: CardFacts = { ...officialFacts, manifest: { ...manifest, isOfficial: false }, version: '1.0' };
const part: CardFacts = { ...officialFacts, isWhole: false, records: 1, pictures: [], files: [] };
const all = { official: officialFacts, foreign, part };

type Node = Readonly<Record<string, unknown>>;

test.each(Object.entries(all))(
  'croissant.json has all that its specification requires, and RAI (%s)',
  (_, facts) => {
    const made = croissantOf(facts) as Node & { readonly distribution: readonly Node[] };
    for (const field of [
      '@context',
      '@type',
      'name',
      'description',
      'license',
      'url',
      'creator',
      'datePublished',
    ])
      expect(made[field]).toBeTruthy();
    expect(made.conformsTo).toEqual([
      'http://mlcommons.org/croissant/1.1',
      'http://mlcommons.org/croissant/RAI/1.0',
    ]);
    for (const term of [
      ...['dataLimitations', 'dataBiases', 'personalSensitiveInformation', 'dataCollection'],
      ...['dataReleaseMaintenancePlan', 'dataUseCases', 'dataSocialImpact'],
    ])
      expect(made[`rai:${term}`]?.toString().length).toBeGreaterThan(40);
    for (const one of made.distribution) {
      expect(one).toMatchObject({ '@id': expect.any(String), encodingFormat: expect.any(String) });
      if (one['@type'] === 'cr:FileObject') expect([one.sha256, one.md5].filter(Boolean)).toHaveLength(1);
    }
  },
);

test.each(Object.entries(all))(
  'each entity of a crate that is named is there, and each is named (%s)',
  (_, facts) => {
    const { '@graph': graph } = roCrateOf(facts) as { readonly '@graph': readonly Node[] };
    const ids = graph.map(({ '@id': id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const named = new Set<unknown>();
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(visit);
      else if (value !== null && typeof value === 'object') named.add((value as Node)['@id']);
    };
    for (const entity of graph) Object.values(entity).forEach(visit);
    const [descriptor] = graph;
    expect(descriptor).toMatchObject({
      about: { '@id': './' },
      conformsTo: { '@id': 'https://w3id.org/ro/crate/1.3' },
    });
    for (const id of named) if (id !== 'https://w3id.org/ro/crate/1.3') expect(ids).toContain(id);
    for (const id of ids) if (id !== 'ro-crate-metadata.json') expect(named).toContain(id);
  },
);

test('of a manifest that is not the published one neither makers nor licence nor date are claimed', () => {
  expect(croissantOf(officialFacts)).toMatchObject({
    license: 'https://creativecommons.org/licenses/by-nc-sa/4.0/',
    datePublished: '2019-06',
    creator: [{ name: 'Tero Karras' }, { name: 'Samuli Laine' }, { name: 'Timo Aila' }],
  });
  const made = croissantOf(foreign) as Node;
  expect(made.license).toMatch(/^Not stated/);
  expect(JSON.stringify(made.creator)).not.toMatch(/Karras|NVIDIA/);
  expect(made.datePublished).toBe('2026-01-02');
  expect(citationOf(officialFacts)).toContain('license: CC-BY-NC-SA-4.0');
  expect(citationOf(foreign)).not.toMatch(/^license:/m);
  expect(datasetCard(foreign)).toMatch(/^---\nlicense: other\n/);
});

test("a card's front matter has NVIDIA's split by folders, and a configuration for each folder that is loaded", () => {
  const [, front = ''] = datasetCard(officialFacts).split('---\n');
  expect(front).toContain('license: cc-by-nc-sa-4.0\n');
  expect(front).toContain('size_categories:\n- 10K<n<100K\n');
  expect(front).toContain(
    [
      'configs:',
      '- config_name: images',
      '  data_files:',
      '  - split: train',
      '    path: "images1024x1024/[0-5][0-9]000/*.png"',
      '  - split: validation',
      '    path: "images1024x1024/6[0-9]000/*.png"',
      '- config_name: "unaligned1024x1024"',
    ].join('\n'),
  );
  expect(front).not.toContain('in-the-wild');
});

test('a version tells apart how many records were removed, of FFHQ and of other datasets', () => {
  expect([versionOf(true, 0), versionOf(true, 3), versionOf(false, 0)]).toEqual(['2.0', '5.0', '1.0']);
});

test('a line of digests is for a plain name alone', () => {
  expect(sumLine('d'.repeat(32), 'a/b.png')).toBe(`${'d'.repeat(32)}  a/b.png\n`);
  for (const path of ['a\nb', 'a\\b', 'a\rb']) expect(() => sumLine('d', path)).toThrow(/plain/);
});
