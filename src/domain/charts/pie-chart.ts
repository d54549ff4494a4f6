import { formatCount } from '../words/format.ts';
import { type Area, type Color, onCircle, rectangle, sector, stroke, type Words } from './drawing.ts';
import { fitted, widthOf } from './letterforms.ts';
import { type Share, shareText } from './shares.ts';

const INK = '#222222';
const QUIET = '#555555';
const PAPER = '#ffffff';

/** Paul Tol's light scheme, in an order in which neighbours differ: dark text is legible on each, to colour-blind eyes too. */
const COLORS = [
  ...(['#77aadd', '#ee8866', '#eedd88', '#44bb99'] as const),
  ...(['#ffaabb', '#aaaa00', '#99ddff', '#bbcc33'] as const),
] satisfies readonly Color[];
/** What is not known, and what has no slice of its own. */
const GREYS = { unknown: '#dddddd', other: '#bbbbbb' } as const satisfies Record<string, Color>;

/** Slices that have a colour of their own. */
export const MOST_SLICES = COLORS.length;

const PANEL = 440;
const MARGIN = 28;
const RADIUS = 96;
const MIDDLE = 172;
const LEGEND = 318;
const ROW = 24;

/** A slice of a smaller share has its percentage outside, with a line to it. */
const INSIDE = 0.12;
/** Slices that a white line between them would hide. */
const HAIR = 0.012;

/** Rows of the legend, and what is above them, in height. */
export function pieHeight(shares: readonly Share[]): number {
  return LEGEND + ROW * Math.max(1, shares.length) + 4;
}

export const pieWidth = PANEL;

/** A pie with its legend: each slice has a colour, and its share as a number beside it and in the legend. */
export function pieChart(
  heading: string,
  shares: readonly Share[],
  left: number,
  top: number,
): (Area | Words)[] {
  const [cx, cy] = [left + PANEL / 2, top + MIDDLE];
  const title: Words = { color: INK, words: heading, x: left + MARGIN, y: top + 26, size: 18 };
  const slices = slicesOf(shares);
  if (slices.length === 0) {
    const empty: Words = { color: QUIET, words: 'no records', x: left + MARGIN, y: top + 60, size: 14 };
    return [title, empty];
  }
  return [
    title,
    ...slices.map(
      (slice): Area => ({
        color: slice.color,
        path: sector(cx, cy, RADIUS, slice.from, slice.to),
        title: `${fitted(slice.name, 14, 1_000)}: ${formatCount(slice.count)} (${shareText(slice.share)})`,
      }),
    ),
    ...gaps(slices, cx, cy),
    ...slices.filter(({ share }) => share >= INSIDE).flatMap((slice) => inside(slice, cx, cy)),
    ...callouts(slices.filter(isSmall), cx, cy),
    ...slices.flatMap((slice, nth) => legendRow(slice, left, top + LEGEND + nth * ROW)),
  ];
}

interface Slice extends Share {
  readonly color: Color;
  /** Of the whole, clockwise from the top. */
  readonly from: number;
  readonly to: number;
}

function slicesOf(shares: readonly Share[]): Slice[] {
  let from = 0;
  let nth = 0;
  const slices = shares.map((share): Slice => {
    const begin = from;
    from += share.share;
    const color = share.is === 'named' ? (COLORS[nth++ % COLORS.length] ?? INK) : GREYS[share.is];
    return { ...share, color, from: begin, to: from };
  });
  const small = slices.filter(isSmall);
  const [first, last] = [small[0], small.at(-1)];
  if (first === undefined || last === undefined || slices.length === small.length) return slices;
  // Small ones come to lie at the left, where their percentages stand one below the other and no line crosses another.
  const turned = 0.75 - (first.from + last.to) / 2;
  return slices.map((slice) => ({ ...slice, from: slice.from + turned, to: slice.to + turned }));
}

function isSmall({ share }: Share): boolean {
  return share > 0 && share < INSIDE;
}

function gaps(slices: readonly Slice[], cx: number, cy: number): Area[] {
  if (slices.filter(({ share }) => share > 0).length < 2) return [];
  return slices.flatMap((slice, nth) => {
    const before = slices.at(nth - 1);
    if (slice.share < HAIR || before === undefined || before.share < HAIR) return [];
    return [stroke([cx, cy], onCircle(cx, cy, RADIUS + 1, slice.from), 1.5, PAPER)];
  });
}

function inside({ share, from, to }: Slice, cx: number, cy: number): Words[] {
  const size = 14;
  const text = shareText(share);
  const [x, y] = share > 0.999 ? [cx, cy] : onCircle(cx, cy, RADIUS * 0.68, (from + to) / 2);
  return [{ color: INK, words: text, x: x - widthOf(text, size) / 2, y: y + size * 0.36, size }];
}

/** Distance of two lines of text beside a pie. */
const LEAST = 18;
const CALLOUT = 13;

/** Percentages beside the pie, apart from each other, each with a line to its slice and a square of its colour. */
function callouts(slices: readonly Slice[], cx: number, cy: number): (Area | Words)[] {
  const placed = slices.map((slice) => {
    const turn = (slice.from + slice.to) / 2;
    const [edgeX, edgeY] = onCircle(cx, cy, RADIUS + 2, turn);
    return { slice, turn, edge: [edgeX, edgeY] as const, side: edgeX >= cx ? 1 : -1 };
  });
  return ([1, -1] as const).flatMap((side) => {
    const here = placed.filter((one) => one.side === side).sort((a, b) => a.edge[1] - b.edge[1]);
    const heights = apart(
      here.map(({ turn }) => onCircle(cx, cy, RADIUS + 20, turn)[1]),
      cy - RADIUS - 22,
      cy + RADIUS + 22,
    );
    return here.flatMap(({ slice, turn, edge }, nth): (Area | Words)[] => {
      const y = heights[nth] ?? cy;
      const knee = onCircle(cx, cy, RADIUS + 10, turn);
      const x = cx + side * (RADIUS + 26);
      const text = shareText(slice.share);
      const square = side === 1 ? x + 3 : x - 13;
      const words = side === 1 ? x + 18 : x - 18 - widthOf(text, CALLOUT);
      return [
        stroke(edge, knee, 1, QUIET),
        stroke(knee, [x, y], 1, QUIET),
        rectangle(square, y - 5, 10, 10, slice.color),
        { color: INK, words: text, x: words, y: y + CALLOUT * 0.36, size: CALLOUT },
      ];
    });
  });
}

/** The same heights as near as may be, ascending, none closer to the next than a line of text, within bounds. */
function apart(wanted: readonly number[], top: number, bottom: number): number[] {
  const spread: number[] = [];
  for (const height of wanted)
    spread.push(Math.max(height, (spread.at(-1) ?? Number.NEGATIVE_INFINITY) + LEAST));
  // As far above where they belong as below.
  const off = sum(spread.map((height, nth) => height - (wanted[nth] ?? height))) / spread.length;
  const over = Math.max(0, (spread.at(-1) ?? 0) - off - bottom);
  const under = Math.max(0, top - ((spread[0] ?? 0) - off));
  return spread.map((height) => height - off - over + under);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

function legendRow({ name, count, share, color }: Slice, left: number, y: number): (Area | Words)[] {
  const size = 13;
  const right = left + PANEL - MARGIN;
  const percent = shareText(share);
  const counted = formatCount(count);
  const countRight = right - 60;
  const countLeft = countRight - widthOf(counted, size);
  const nameLeft = left + MARGIN + 22;
  return [
    rectangle(left + MARGIN, y - 12, 14, 14, color),
    { color: INK, words: fitted(name, size, countLeft - nameLeft - 12), x: nameLeft, y, size },
    { color: QUIET, words: counted, x: countLeft, y, size },
    { color: INK, words: percent, x: right - widthOf(percent, size), y, size },
  ];
}
