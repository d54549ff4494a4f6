import { quotedLine } from '../quoting/quoted.ts';
import { formatCount } from '../words/format.ts';
import { type StatsCounts, sumOf, UNKNOWN } from '../words/stats.ts';
import type { Drawing } from './drawing.ts';
import { MOST_SLICES, pieChart, pieHeight, pieWidth } from './pie-chart.ts';
import { type Share, sharesOf, shareText } from './shares.ts';

const TOP = 56;
const BACKGROUND = '#ffffff';

interface Pie {
  readonly heading: string;
  readonly shares: readonly Share[];
}

/** What a set of records is called above its figures. */
export function statsTitle(counts: StatsCounts): string {
  const records = sumOf(counts.category);
  return `Flickr-Faces-HQ: ${formatCount(records)} ${records === 1 ? 'record' : 'records'}`;
}

/** Three pies beside each other: parts of the dataset, licences, countries. */
export function statsDrawing(counts: StatsCounts): Drawing {
  const pies = piesOf(counts);
  const title = statsTitle(counts);
  return {
    width: pies.length * pieWidth,
    height: TOP + Math.max(...pies.map(({ shares }) => pieHeight(shares))),
    background: BACKGROUND,
    title: [title, ...pies.map(toldOf)].join('. '),
    shapes: [
      { color: '#222222', words: title, x: 28, y: 40, size: 20 },
      ...pies.flatMap(({ heading, shares }, nth) => pieChart(heading, shares, nth * pieWidth, TOP)),
    ],
  };
}

/** The same, each in a drawing of its own. */
export function pieDrawings(counts: StatsCounts): readonly Drawing[] {
  return piesOf(counts).map((pie) => ({
    width: pieWidth,
    height: pieHeight(pie.shares),
    background: BACKGROUND,
    title: toldOf(pie),
    shapes: pieChart(pie.heading, pie.shares, 0, 0),
  }));
}

function piesOf({ category, license, country }: StatsCounts): readonly Pie[] {
  return [
    { heading: 'Part', shares: sharesOf(category, MOST_SLICES - 1) },
    { heading: 'Licence', shares: sharesOf(license, MOST_SLICES - 1) },
    { heading: 'Country', shares: sharesOf(country, MOST_SLICES - 2, UNKNOWN) },
  ];
}

/** Of a name that is read out. */
const MOST_NAME = 60;

function toldOf({ heading, shares }: Pie): string {
  const each = shares.map(({ name, share }) => `${quotedLine(name, MOST_NAME)} ${shareText(share)}`);
  return `${heading}: ${each.join(', ') || 'none'}`;
}
