import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { outcomes } from '../../../src/domain/failure/outcome.ts';
import {
  adviceForType,
  alignReasons,
  contentReasons,
  failureType,
  fileSystemReasons,
  sourceReasons,
  storeReasons,
} from '../../../src/domain/failure/reasons.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Row {
  readonly meaning: string;
  readonly advice: string;
}

/** Reactions that end an attempt for more than one file; Temporal holds the wait. */
const waiting: readonly string[] = ['stop', 'hold'];

const fileReasons = Object.entries({
  ...sourceReasons,
  ...contentReasons,
  ...alignReasons,
  ...fileSystemReasons,
});
const byReason = new Map<string, Row>(
  fileReasons.map(([reason, { meaning, advice, outcome }]) => [
    reason,
    { meaning, advice: advice ?? outcomes[outcome].advice },
  ]),
);
const byType = new Map<string, Row>([
  ...Object.entries(sourceReasons)
    .filter(([, { reaction }]) => waiting.includes(reaction))
    .map(([reason]) => [failureType('Source', reason), rowOf(byReason, reason)] as const),
  ...Object.entries(storeReasons).map(([reason, row]) => [failureType('Store', reason), row] as const),
]);

/** What the code says of a name; a reason goes before the outcome of the same name. */
const known = new Map<string, Row>([...Object.entries(outcomes), ...byReason, ...byType]);

/** The cells of README's rows, the first one as the names in it. */
const rows = readFileSync(join(root, 'README.md'), 'utf8')
  .split('## Troubleshooting')[1]
  ?.split('\n## ')[0]
  ?.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [seen = '', meaning = '', advice = ''] = line.slice(2, -2).split(' | ');
    const names = [...seen.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    return { names, meaning: meaning.replaceAll('`', ''), advice: advice.replaceAll('`', '') };
  });

function rowOf(from: ReadonlyMap<string, Row>, name: string): Row {
  const row = from.get(name);
  if (row === undefined) throw new Error(`expected a row for ${name}, got none`);
  return row;
}

test('README tells of a reason what the code tells of it', () => {
  const told = (rows ?? []).flatMap(({ names, meaning, advice }) => {
    const own = names.filter((name) => !name.includes(' '));
    if (own.length === 0) return [];
    return [{ own, meaning, advice }];
  });
  expect(told.length).toBeGreaterThan(20);
  for (const { own, meaning, advice } of told) {
    const code = own.map((name) => rowOf(known, name));
    expect({ own, meaning }).toEqual({ own, meaning: code.map((row) => plain(row.meaning)).join('; ') });
    expect({ own, advice: code.map((row) => plain(row.advice)) }).toEqual({
      own,
      advice: own.map(() => advice),
    });
  }
});

test('README has every failure of the whole run, every outcome, and every reason with advice of its own', () => {
  const special = fileReasons.filter(
    ([, { advice, reaction }]) => advice !== undefined && !waiting.includes(reaction),
  );
  const wanted = [...byType.keys(), ...Object.keys(outcomes), ...special.map(([reason]) => reason)];
  expect(wanted.filter((name) => !rows?.some(({ names }) => names.includes(name)))).toEqual([]);
});

test('what README quotes is printed somewhere', () => {
  const code = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
    .join('\n');
  const quotes = (rows ?? []).flatMap(({ names }) => names.filter((name) => name.includes(' ')));
  expect(quotes.length).toBeGreaterThan(2);
  expect(quotes.filter((quote) => !code.includes(quote))).toEqual([]);
});

test('what waits as a whole is advised by the type that Temporal is told', () => {
  expect([...byType].map(([type]) => adviceForType(type))).toEqual(
    [...byType].map(([, { advice }]) => advice),
  );
});

test('the advice for a wait fits into the live block of a terminal of 80 columns', () => {
  const waits = [
    ...fileReasons
      .filter(([, { reaction }]) => waiting.includes(reaction))
      .map(([, { advice }]) => advice ?? ''),
    ...Object.values(storeReasons).flatMap(({ waits, advice }) => (waits ? [advice] : [])),
  ];
  expect(waits).toHaveLength(12);
  expect(waits.filter((advice) => advice === '' || advice.length > 77)).toEqual([]);
});

function plain(text: string): string {
  return text.replaceAll('`', '');
}
