import { plainHead } from '../../page/plain-head.ts';
import { escaped, type Html, html, isolated, joinedHtml, linkedHtml } from '../../quoting/html.ts';
import { fileWords, recordRows, type ShownCrop, type ShownRecord } from './shown-record.ts';

const STYLE = html`:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 80rem; margin: 1.5rem auto; padding: 0 1rem; }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
figure { margin: 0; flex: 1 1 16rem; min-width: 0; }
figure.original { flex: 3 1 26rem; }
figure.thumbnail { flex: 0 0 128px; }
figure svg, figure img { display: block; width: 100%; height: auto; max-height: 70vh; background: #8882; }
figure img { object-fit: contain; }
figcaption, .none { opacity: .75; font-size: 13px; }
.none { border: 1px dashed #888; padding: 2rem 1rem; text-align: center; }
polygon { fill: none; stroke: #ff2d87; stroke-width: 3; vector-effect: non-scaling-stroke; }
line { stroke: #fff; stroke-width: 3; vector-effect: non-scaling-stroke; }
table { border-collapse: collapse; margin-top: 1.5rem; width: 100%; table-layout: fixed; }
th { text-align: left; vertical-align: top; font-weight: 600; width: 7rem; }
td { overflow-wrap: anywhere; overflow: clip; }
th, td { padding: .2rem .5rem .2rem 0; border-bottom: 1px solid #8883; }
`;

/** How every such page begins. */
export const PAGE_HEAD = '<!doctype html><!-- ffhq show -->\n';

/** JPEGs of what lies in the folder, in base64; of what is not there, or no picture, none. */
export interface PagePictures {
  /** With its size before it was made smaller: the crop is told in those pixels. */
  readonly original?: { readonly base64: string; readonly width: number; readonly height: number };
  readonly crop?: string;
  readonly thumbnail?: string;
}

/** One page with all that there is to know of a picture: no script, no request to anywhere. */
export function recordPage(shown: ShownRecord, { original, crop, thumbnail }: PagePictures): Html {
  const { record, files } = shown;
  const rows = recordRows(shown).map(
    ([name, text]) => html`<tr><th>${escaped(name)}</th><td>${linkedHtml(text, text, 1_000)}</td></tr>\n`,
  );
  const fileRows = files.map(
    (file) =>
      html`<tr><th>${escaped(file.kind)}</th><td><code>${escaped(file.path)}</code><br>${isolated(fileWords(file), 1_000)}</td></tr>\n`,
  );
  return html`<html lang="en">${plainHead({ title: html`FFHQ ${record.id}`, style: STYLE, hasPictures: true })}<body>
<h1>FFHQ ${record.id}</h1>
<div class="pictures">
<figure class="original">${originalOf(original, shown.crop)}<figcaption>The original, and where the face is cut out of it; the white side is the upper one</figcaption></figure>
<figure>${pictureOf(crop, 'the aligned picture')}<figcaption>Aligned, 1024x1024</figcaption></figure>
<figure class="thumbnail">${pictureOf(thumbnail, 'the thumbnail')}<figcaption>Thumbnail</figcaption></figure>
</div>
<table>${joinedHtml(rows)}</table>
<table>${joinedHtml(fileRows)}</table>
</body></html>
`;
}

function originalOf(original: PagePictures['original'], crop: ShownCrop | undefined): Html {
  if (original === undefined) return pictureOf(undefined, 'the original');
  const { base64, width, height } = original;
  const [upperLeft, lowerLeft, lowerRight, upperRight] = crop?.quad ?? [];
  if (!upperLeft || !lowerLeft || !lowerRight || !upperRight) return pictureOf(base64, 'the original');
  const corners = [upperLeft, lowerLeft, lowerRight, upperRight];
  // The quad may go beyond the edges: there the recipe pads.
  const left = Math.floor(Math.min(0, ...corners.map(([x]) => x)));
  const top = Math.floor(Math.min(0, ...corners.map(([, y]) => y)));
  const right = Math.ceil(Math.max(width, ...corners.map(([x]) => x)));
  const bottom = Math.ceil(Math.max(height, ...corners.map(([, y]) => y)));
  const points = corners.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(' ');
  const [[x1, y1], [x2, y2]] = [upperLeft, upperRight];
  return html`<svg viewBox="${left} ${top} ${right - left} ${bottom - top}" role="img" aria-label="the original with its crop"><image href="data:image/jpeg;base64,${escaped(base64)}" width="${width}" height="${height}" preserveAspectRatio="none"/><polygon points="${escaped(points)}"/><line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/></svg>`;
}

function pictureOf(base64: string | undefined, what: string): Html {
  if (base64 === undefined) return html`<p class="none">${escaped(what)} is not here</p>`;
  return html`<img src="data:image/jpeg;base64,${escaped(base64)}" alt="${escaped(what)}">`;
}
