import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitted, widthOf } from '../../../src/domain/charts/letterforms.ts';
import { pixelsOf } from '../../../src/domain/charts/pixels.ts';
import { sharesOf, shareText } from '../../../src/domain/charts/shares.ts';
import { statsDrawing } from '../../../src/domain/charts/stats-drawing.ts';
import { svgOf } from '../../../src/domain/charts/svg.ts';
import { countRecord, emptyStats, type StatsCounts } from '../../../src/domain/words/stats.ts';
import { beyondPrintable } from '../../support/hostile-text.ts';

const official = {
  category: { training: 60_000, validation: 10_000 },
  license: { 'Attribution License': 34_860, 'Attribution-NonCommercial License': 29_190, CC0: 5_950 },
  country: { '<Unknown>': 59_500, 'United States': 4_200, 'Côte d’Ivoire': 6_300 },
};

function countsOf(from: Record<keyof StatsCounts, Record<string, number>>): StatsCounts {
  const maps = Object.entries(from).map(([key, counts]) => [key, new Map(Object.entries(counts))]);
  return Object.fromEntries(maps) as StatsCounts;
}

test('shares add up to the whole, the largest first, and small ones are one', () => {
  const counts = new Map([...Array(30).keys()].map((nth) => [`land ${nth}`, 30 - nth]));
  counts.set('<Unknown>', 500);
  const shares = sharesOf(counts, 6, '<Unknown>');
  expect(shares.map(({ is }) => is)).toEqual(['unknown', ...Array(6).fill('named'), 'other']);
  expect(shares.at(-1)?.name).toBe('24 others');
  expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(sharesOf(new Map(), 6)).toEqual([]);
  // What would be the only one of the others keeps its name.
  expect(sharesOf(new Map([...counts].slice(0, 7)), 6).map(({ is }) => is)).not.toContain('other');
  expect([0, 0.0001, 0.005, 0.9999, 1].map(shareText)).toEqual([
    '0.0 %',
    '<0.1 %',
    '0.5 %',
    '>99.9 %',
    '100.0 %',
  ]);
});

test('each slice has as many pixels as its share of the pie, and its number beside it', () => {
  const drawing = statsDrawing(countsOf(official));
  const { width, height, data } = pixelsOf(drawing, 1);
  const pie = { left: 880 + 220 - 100, right: 880 + 220 + 100, top: 56 + 172 - 100, bottom: 56 + 172 + 100 };
  const found = new Map<string, number>();
  for (let y = pie.top; y < pie.bottom; y++) {
    for (let x = pie.left; x < pie.right; x++) {
      const at = (y * width + x) * 3;
      const color = `#${Buffer.from(data.subarray(at, at + 3)).toString('hex')}`;
      found.set(color, (found.get(color) ?? 0) + 1);
    }
  }
  const disc = Math.PI * 96 ** 2;
  // Unknown, United States, Côte d’Ivoire; letters, lines and smooth edges take some.
  expect((found.get('#dddddd') ?? 0) / disc).toBeCloseTo(0.85, 1);
  expect((found.get('#77aadd') ?? 0) / disc).toBeCloseTo(0.09, 1);
  expect((found.get('#ee8866') ?? 0) / disc).toBeCloseTo(0.06, 1);
  const told = drawing.shapes.flatMap((shape) => ('words' in shape ? [shape.words] : []));
  expect(told).toEqual(
    expect.arrayContaining(['85.0 %', '6.0 %', '9.0 %', 'Côte d’Ivoire', '4,200', '59,500']),
  );
  for (const shape of drawing.shapes) {
    if (!('words' in shape)) continue;
    expect(shape.x).toBeGreaterThanOrEqual(0);
    expect(shape.x + widthOf(shape.words, shape.size)).toBeLessThanOrEqual(drawing.width);
    expect(shape.y).toBeLessThan(height);
  }
});

test('an SVG is whole without any font, and nothing in it is text, a script or an address', () => {
  const svg: string = svgOf(statsDrawing(countsOf(official)));
  expect(svg).not.toMatch(/<text|<style|<script|font|url\(|xlink|https?:(?!\/\/www\.w3\.org\/2000\/svg")/);
  const ids = new Set([...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const used = [...svg.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
  expect(used.length).toBeGreaterThan(100);
  expect(used.filter((id) => !ids.has(id))).toEqual([]);
});

test('no percentage of a small slice lies upon another one', () => {
  const country = Object.fromEntries(
    [...Array(12).keys()].map((nth) => [`land ${nth}`, nth === 0 ? 2_000 : 3]),
  );
  const drawing = statsDrawing(countsOf({ ...official, country }));
  const beside = drawing.shapes.flatMap((shape) =>
    'words' in shape && shape.size === 13 && shape.x > 880 && shape.y < 56 + 300 ? [shape.y] : [],
  );
  expect(beside.length).toBeGreaterThan(4);
  const sorted = [...beside].sort((a, b) => a - b);
  for (const [nth, y] of sorted.slice(1).entries()) expect(y - (sorted[nth] ?? 0)).toBeGreaterThan(17);
});

test('whatever names a manifest has, the drawing stays in its bounds and holds nothing but text of theirs', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 600 }), fc.nat(9)), { maxLength: 40 }),
      (names) => {
        const counts = emptyStats();
        for (const [name] of names) countRecord(counts, { category: name, license: name, country: name });
        const drawing = statsDrawing(counts);
        expect(drawing.height).toBeLessThan(1_000);
        for (const shape of drawing.shapes) {
          if (!('words' in shape)) continue;
          expect(shape.x + widthOf(shape.words, shape.size)).toBeLessThanOrEqual(drawing.width);
        }
        const svg: string = svgOf(drawing);
        expect(svg.replaceAll('\n', '')).not.toMatch(beyondPrintable);
        expect(svg.match(/<(?!\/?(svg|title|defs|path|rect|g|use)[ >/])/g)).toBeNull();
      },
    ),
    { numRuns: 60 },
  );
});

test('a line is cut where it would be wider than its room; a letter without an outline is a box', () => {
  expect(fitted('Spain', 14, 500)).toBe('Spain');
  const long = fitted('W'.repeat(10_000), 14, 100);
  expect(long).toMatch(/^W+…$/);
  expect(widthOf(long, 14)).toBeLessThanOrEqual(100);
  expect(fitted('e\u0301', 14, 100)).toBe('é');
  expect(widthOf('日', 10)).toBe(6);
});
