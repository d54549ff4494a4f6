import type { CardFacts } from './card-facts.ts';
import { authors, ffhq, titleOf, unnamedMaker } from './card-words.ts';

/** `CITATION.cff`, Citation File Format 1.2.0. */
export function citationOf(facts: CardFacts): string {
  const { manifest, version, made } = facts;
  const text = JSON.stringify;
  const people = (indent: string) =>
    authors.flatMap(({ given, family }) => [
      `${indent}- family-names: ${family}`,
      `${indent}  given-names: ${given}`,
      `${indent}  affiliation: ${ffhq.organization}`,
    ]);
  const paper = [
    `  title: ${text(ffhq.paper)}`,
    '  authors:',
    ...people('    '),
    `  collection-title: ${text(ffhq.venue)}`,
    `  start: ${ffhq.pages[0]}`,
    `  end: ${ffhq.pages[1]}`,
    `  year: ${ffhq.year}`,
    `  doi: ${ffhq.doi}`,
  ];
  return `${[
    'cff-version: 1.2.0',
    'type: dataset',
    `message: ${text('If you use this dataset, cite the paper that introduced it, and name the photographers as their licences ask.')}`,
    `title: ${text(titleOf(facts))}`,
    'authors:',
    ...(manifest.isOfficial ? people('  ') : [`  - name: ${text(unnamedMaker)}`]),
    `version: ${text(version)}`,
    `date-released: ${made.slice(0, 10)}`,
    `url: ${ffhq.url}`,
    ...(manifest.isOfficial ? [`license: ${ffhq.license.spdx}`] : []),
    ...(manifest.isOfficial
      ? ['preferred-citation:', '  type: conference-paper', ...paper]
      : ['references:', '  - type: conference-paper', ...paper.map((line) => `  ${line}`)]),
  ].join('\n')}\n`;
}
