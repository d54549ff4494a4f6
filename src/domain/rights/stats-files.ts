import { pieDrawings, statsTitle } from '../charts/stats-drawing.ts';
import { svgOf } from '../charts/svg.ts';
import { plainHead } from '../page/plain-head.ts';
import { csvLine } from '../quoting/csv.ts';
import { escaped, html, isolated, joinedHtml } from '../quoting/html.ts';
import { inline, joined, type Markdown, markdown, shown } from '../quoting/markdown.ts';
import { quotedJson } from '../quoting/quoted.ts';
import { formatCount } from '../words/format.ts';
import { byCount, percent, type StatsCounts, sumOf, UNKNOWN } from '../words/stats.ts';

const STYLE = html`:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 84rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.5rem; font-weight: 500 }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: 2rem 1.5rem }
section { min-width: 0 }
svg { display: block; width: 100%; height: auto; border-radius: .5rem }
table { border-collapse: collapse; width: 100%; margin-top: 1rem }
td { white-space: nowrap }
th, td { padding: .2rem .6rem; border-bottom: 1px solid #8886; text-align: right; font-variant-numeric: tabular-nums }
th:first-child { text-align: left; overflow-wrap: anywhere }
tbody th { font-weight: normal }
@media (max-width: 30rem) { body { font-size: 14px } th, td { padding: .2rem .3rem } }
@media print { svg { break-inside: avoid } }
`;

/** Characters of a name in a cell: a longer one would be a paragraph. */
const MOST_NAME = 120;

/** One table of the three: every name, the largest first. */
interface StatsTable {
  readonly key: 'category' | 'license' | 'country';
  readonly heading: string;
  readonly rows: readonly StatsRow[];
  /** Images of a known country: those that the second share is of. */
  readonly known?: number;
  readonly all: number;
}

interface StatsRow {
  /** Undefined: not known. */
  readonly name: string | undefined;
  readonly images: number;
}

function tablesOf(counts: StatsCounts): readonly StatsTable[] {
  const tableOf = (key: StatsTable['key'], heading: string): StatsTable => {
    const rows = byCount(counts[key]).map(([name, images]) => ({
      name: key === 'country' && name === UNKNOWN ? undefined : name,
      images,
    }));
    const all = sumOf(counts[key]);
    const unknown = rows.find(({ name }) => name === undefined)?.images ?? 0;
    return { key, heading, rows, all, ...(key === 'country' ? { known: all - unknown } : {}) };
  };
  return [tableOf('category', 'Part'), tableOf('license', 'Licence'), tableOf('country', 'Country')];
}

/** The numbers of a row after its name: images, share of all, share of the known ones where there is such. */
function figures({ name, images }: StatsRow, { all, known }: StatsTable): readonly string[] {
  const ofKnown = known === undefined ? [] : [name === undefined ? '' : percent(images, known)];
  return [formatCount(images), percent(images, all), ...ofKnown];
}

const HEADS = ['Images', '% of all', '% of known'] as const;

/** One object, for programs. A country that is not known has no name. */
export function statsJson(counts: StatsCounts): string {
  const [category, license, country] = tablesOf(counts).map(({ rows, all, known }) =>
    rows.map(({ name = null, images }) => ({
      name,
      images,
      percentOfAll: Number(percent(images, all)),
      ...(known === undefined || name === null ? {} : { percentOfKnown: Number(percent(images, known)) }),
    })),
  );
  return `${quotedJson({ records: sumOf(counts.category), category, license, country })}\n`;
}

/** One table for all three, with a column that says which. */
export function statsCsv(counts: StatsCounts): string {
  const lines = tablesOf(counts).flatMap((table) =>
    table.rows.map((row) => {
      const [, ofAll = '', ofKnown] = figures(row, table);
      const known = ofKnown === undefined || ofKnown === '' ? '' : Number(ofKnown);
      return csvLine([table.key, row.name ?? '', row.images, Number(ofAll), known]);
    }),
  );
  return [csvLine(['table', 'name', 'images', 'percent_of_all', 'percent_of_known']), ...lines].join('');
}

export function statsMarkdown(counts: StatsCounts): string {
  const blocks = tablesOf(counts).map((table): Markdown => {
    const heads = headsOf(table);
    const lines = [
      rowOf([table.heading, ...heads].map((head) => inline(head, MOST_NAME))),
      rowOf([markdown`---`, ...heads.map(() => markdown`---:`)]),
      ...table.rows.map((row) => {
        const name = row.name === undefined ? markdown`*unknown*` : inline(row.name, MOST_NAME);
        return rowOf([name, ...figures(row, table).map(shown)]);
      }),
    ];
    return joined(lines, '\n');
  });
  const title = inline(statsTitle(counts), MOST_NAME);
  return `${joined([markdown`# ${title}`, ...blocks], '\n\n')}\n`;
}

function rowOf(cells: readonly Markdown[]): Markdown {
  return cells.reduce((line, cell) => markdown`${line} ${cell} |`, markdown`|`);
}

function headsOf({ known }: StatsTable): readonly string[] {
  return HEADS.slice(0, known === undefined ? 2 : 3);
}

/** One page that asks nobody for anything: the charts, then every number. */
export function statsHtml(counts: StatsCounts): string {
  const drawings = pieDrawings(counts);
  const sections = tablesOf(counts).map((table, nth) => {
    const rows = table.rows.map((row) => {
      const name = row.name === undefined ? html`<i>unknown</i>` : isolated(row.name, MOST_NAME);
      const cells = figures(row, table).map((text) => html`<td>${escaped(text)}</td>`);
      return html`<tr><th scope="row">${name}</th>${joinedHtml(cells)}</tr>\n`;
    });
    const heads = headsOf(table).map((head) => html`<th scope="col">${escaped(head)}</th>`);
    const drawing = drawings[nth];
    return html`<section>
${drawing === undefined ? html`` : svgOf(drawing, table.key)}<table>
<thead><tr><th scope="col">${escaped(table.heading)}</th>${joinedHtml(heads)}</tr></thead>
<tbody>
${joinedHtml(rows)}</tbody>
</table>
</section>
`;
  });
  const title = escaped(statsTitle(counts));
  return html`<!doctype html>
<html lang="en">
${plainHead({ title: title, style: STYLE })}
<body>
<h1>${title}</h1>
<main>
${joinedHtml(sections)}</main>
</body>
</html>
`;
}
