/** The three tables of `--stats`, in the reference's layout. */

import { table } from './table.ts';

export interface StatsRecord {
  readonly category: string;
  readonly license: string;
  readonly country: string;
}

/** In place of a country that a record does not name. */
export const UNKNOWN = '<Unknown>';
const OTHER = '<Other>';
/** Countries with a smaller share of all images are folded into one row; the reference's 0.1 %. */
const OTHER_BELOW = 1e-3;

/** Columns are as wide as their widest cell: one of ten thousand characters would be printed as often as there are rows. */
const MOST_TEXT = 500;

/** The counts behind the tables; filled one record at a time, so that a large manifest need not be in memory. */
export interface StatsCounts {
  readonly category: Map<string, number>;
  readonly license: Map<string, number>;
  readonly country: Map<string, number>;
}

export function emptyStats(): StatsCounts {
  return { category: new Map(), license: new Map(), country: new Map() };
}

export function countRecord(counts: StatsCounts, { category, license, country }: StatsRecord): void {
  increment(counts.category, category.slice(0, MOST_TEXT));
  increment(counts.license, license.slice(0, MOST_TEXT));
  increment(counts.country, country === '' ? UNKNOWN : country.slice(0, MOST_TEXT));
}

/** The text that is printed: two empty rows before each table and at the end, all columns as wide as the widest cell. */
export function statsText(counts: StatsCounts): string {
  const rows = [
    [],
    [],
    ...shareTable('Category', counts.category),
    [],
    [],
    ...shareTable('License', counts.license),
    [],
    [],
    ...countryTable(counts.country),
    [],
    [],
  ];
  return table(rows)
    .map((line) => `${line}\n`)
    .join('');
}

function shareTable(title: string, counts: ReadonlyMap<string, number>): string[][] {
  const all = sumOf(counts);
  return [
    [title, 'Images', '% of all'],
    ['---', '---', '---'],
    ...byCount(counts).map(([name, count]) => [name, String(count), percent(count, all)]),
  ];
}

function countryTable(counts: ReadonlyMap<string, number>): string[][] {
  const all = sumOf(counts);
  const rows: [string, number][] = [];
  let other = 0;
  for (const [country, count] of byCount(counts)) {
    if (count / all < OTHER_BELOW) other += count;
    else rows.push([country, count]);
  }
  // As in the reference: so few unknown ones that they were folded too count as known.
  const known = all - (rows.find(([country]) => country === UNKNOWN)?.[1] ?? 0);
  if (other > 0) rows.push([OTHER, other]);
  return [
    ['Country', 'Images', '% of all', '% of known'],
    ['---', '---', '---', '---'],
    ...rows.map(([country, count]) => [
      country,
      String(count),
      percent(count, all),
      percent(country === UNKNOWN ? 0 : count, known),
    ]),
  ];
}

/** With two decimals, as the reference prints it. */
export function percent(count: number, all: number): string {
  const value = all === 0 ? 0 : (100 * count) / all;
  // Python prints an exact half to the even digit, JavaScript upwards; eighths are the only halves at two decimals.
  const isHalf = Number.isInteger(value * 8) && !Number.isInteger(value * 4);
  const cents = Math.floor(value * 100);
  return isHalf && cents % 2 === 0 ? (cents / 100).toFixed(2) : value.toFixed(2);
}

/** Descending; equal counts keep the order in which they were met. */
export function byCount(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([, a], [, b]) => b - a);
}

export function sumOf(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
