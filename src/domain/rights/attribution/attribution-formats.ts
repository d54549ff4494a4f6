import { plainHead } from '../../page/plain-head.ts';
import { csvLine } from '../../quoting/csv.ts';
import { escaped, type Html, html, isolated, linkedHtml } from '../../quoting/html.ts';
import { inline, linked, type Markdown, markdown } from '../../quoting/markdown.ts';
import { formatCount } from '../../words/format.ts';
import { type AttributionBook, type Credit, type CreditGroup, MOST_FIELD } from './attribution-book.ts';

const STYLE = html`:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; }
ul { list-style: none; padding: 0; margin: 0; content-visibility: auto; contain-intrinsic-size: auto 5000px; }
li { padding: .2rem 0; overflow-wrap: anywhere; overflow: clip; max-height: 15em; border-bottom: 1px solid #8883; }
code { font: 13px ui-monospace, monospace; opacity: .75; }
small { opacity: .75; }
@media print { ul { content-visibility: visible; } }
`;

interface AttributionFormat {
  /** Name of the file. */
  readonly file: string;
  /** How every such file begins, and no other: what begins otherwise is somebody else's, and stays. */
  readonly head: string;
  readonly pieces: (book: AttributionBook) => Generator<string>;
}

export const attributionFormats = {
  md: {
    file: 'ATTRIBUTION.md',
    head: '<!-- ffhq attribution -->\n',
    pieces: markdownPieces,
  },
  csv: {
    file: 'ATTRIBUTION.csv',
    head: csvLine([
      ...['id', 'author', 'account', 'title', 'photo_url', 'license', 'spdx_id', 'license_url'],
      ...['changes', 'files'],
    ]),
    pieces: csvPieces,
  },
  html: {
    file: 'ATTRIBUTION.html',
    head: '<!doctype html><!-- ffhq attribution -->\n',
    pieces: htmlPieces,
  },
} as const satisfies Record<string, AttributionFormat>;
export type AttributionFormatName = keyof typeof attributionFormats;
export const attributionFormatNames = Object.keys(attributionFormats) as readonly AttributionFormatName[];

const INTRODUCTION =
  'The photographs are by the people named here, who published them on Flickr under the licences below. The dataset as a ' +
  'whole is by NVIDIA Corporation, under CC BY-NC-SA 4.0. The changes are those of the files that lie here.';

function* markdownPieces({ records, groups }: AttributionBook): Generator<string> {
  yield markdown`# Attribution\n\n`;
  yield markdown`${inline(INTRODUCTION, 1_000)}\n\n`;
  yield markdown`${inline(formatCount(records), 20)} records.\n`;
  for (const group of groups) {
    const { heading, spdx, url, records: count, credits } = group;
    yield markdown`\n## ${linked(heading, url, 200)}\n\n`;
    yield markdown`SPDX: ${inline(spdx, 100)}. Records: ${inline(formatCount(count), 20)}.\n\n`;
    for (const credit of credits) yield markdownCredit(credit);
  }
}

function markdownCredit(credit: Credit): Markdown {
  const { id, photoUrl, change, license, licenseUrl } = credit;
  const title = linked(titleOf(credit), photoUrl, MOST_FIELD);
  const author = inline(authorOf(credit), 2 * MOST_FIELD);
  const own = license || licenseUrl;
  const under = own === '' ? markdown`` : markdown`; licence: ${linked(own, licenseUrl, MOST_FIELD)}`;
  return markdown`- ${inline(id, 9)}: ${title} by ${author}${under}; changes: ${inline(change, 100)}\n`;
}

function* csvPieces({ groups }: AttributionBook): Generator<string> {
  for (const { heading, spdx, url, word, credits } of groups) {
    for (const { id, author, account, title, photoUrl, license, licenseUrl, change, files } of credits) {
      const isOther = word === 'other';
      const under = [isOther ? license : heading, spdx, isOther ? licenseUrl : url];
      yield csvLine([id, author, account, title, photoUrl, ...under, change, files]);
    }
  }
}

/** Entries that a browser lays out together, when they come into sight. */
const BLOCK = 200;

function* htmlPieces({ records, groups }: AttributionBook): Generator<string> {
  yield html`<html lang="en">${plainHead({ title: html`Attribution`, style: STYLE })}<body>
<h1>Attribution</h1>
<p>${escaped(INTRODUCTION)}</p>
<p>${escaped(formatCount(records))} records.</p>
`;
  for (const group of groups) yield* htmlGroup(group);
  yield html`</body></html>\n`;
}

function* htmlGroup({ word, heading, spdx, url, records, credits }: CreditGroup): Generator<Html> {
  yield html`<section><h2 id="${escaped(word)}">${linkedHtml(heading, url, 200)}</h2>
<p>SPDX: <code>${escaped(spdx)}</code>. Records: ${escaped(formatCount(records))}.</p>
`;
  let nth = 0;
  for (const credit of credits) {
    if (nth % BLOCK === 0) yield nth === 0 ? html`<ul>\n` : html`</ul>\n<ul>\n`;
    yield htmlCredit(credit);
    nth += 1;
  }
  yield html`</ul></section>\n`;
}

function htmlCredit(credit: Credit): Html {
  const { id, photoUrl, change, license, licenseUrl } = credit;
  const title = linkedHtml(titleOf(credit), photoUrl, MOST_FIELD);
  const author = isolated(authorOf(credit), 2 * MOST_FIELD);
  const own = license || licenseUrl;
  const under = own === '' ? html`` : html`; licence: ${linkedHtml(own, licenseUrl, MOST_FIELD)}`;
  return html`<li><code>${escaped(id)}</code> ${title} by ${author}${under} <small>changes: ${escaped(change)}</small></li>\n`;
}

function titleOf({ title }: Credit): string {
  return title === '' ? 'untitled' : title;
}

function authorOf({ author, account }: Credit): string {
  if (author !== '') return author;
  return account === '' ? 'an unnamed author' : `an author without a name (Flickr account ${account})`;
}
