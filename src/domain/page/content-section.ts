import { pieDrawings } from '../charts/stats-drawing.ts';
import { svgOf } from '../charts/svg.ts';
import { escaped, type Html, html, joinedHtml, linkedHtml } from '../quoting/html.ts';
import { formatCount, formatFiles } from '../words/format.ts';
import { coded, paragraph, section, table, text } from './parts.ts';
import type { FacePicture, FolderContent } from './run-facts.ts';

/** What lies in the folder: digests, shares, whose it is. */
export function contentSections(content: FolderContent | undefined): Html {
  if (content === undefined || content.present === 0) return html``;
  const { records, present, excluded } = content;
  const leftOut =
    excluded === 0 ? '' : ` ${formatCount(excluded)} others are excluded here, and in none of these figures.`;
  return joinedHtml([
    section(
      'Result',
      paragraph(
        `${formatCount(present)} of ${formatCount(records)} records have a file in the folder. A digest is the SHA-256 of what md5sum prints of the files that are there, in the order of the manifest, by the MD5s that it names: two folders of the same digest hold the same files.${leftOut}`,
      ),
      table(
        [{ title: 'Kind' }, { title: 'Files', form: 'n' }, { title: 'SHA-256 of the list' }],
        content.kinds.map(({ kind, files, sha256 }) => [text(kind), text(formatCount(files)), coded(sha256)]),
      ),
    ),
    section('What is in it', pies(content)),
    attribution(content),
  ]);
}

function pies({ stats }: FolderContent): Html {
  const items = pieDrawings(stats).map((drawing, nth) => html`<li>${svgOf(drawing, `pie${nth}`)}</li>`);
  return html`<ul class="pies">${joinedHtml(items)}</ul>`;
}

function attribution({ licenses, accounts, present }: FolderContent): Html {
  const rows = licenses.map(({ name, url, count }) => [
    linkedHtml(name, url, 80),
    text(formatCount(count)),
    linkedHtml(url, url, 200),
  ]);
  return section(
    'Attribution',
    paragraph(
      `${formatCount(present)} photographs of ${formatCount(accounts)} Flickr accounts. Most licences ask that author, source, licence and change (cropped, aligned, resized) are named: \`ffhq attribution\` writes that list.`,
    ),
    table(
      [{ title: 'Licence' }, { title: 'Photographs', form: 'n' }, { title: 'Its text', form: 't' }],
      rows,
    ),
  );
}

/** Only where somebody asked for it: they are people. */
export function contactSheet(faces: readonly FacePicture[]): Html {
  if (faces.length === 0) return html``;
  const items = faces.map(
    ({ name, base64, type }) =>
      html`<li><img src="data:${escaped(type)};base64,${escaped(base64)}" alt="${escaped(name, 80)}">${text(name, 80)}</li>`,
  );
  return section(
    `Contact sheet: ${formatFiles(faces.length)}`,
    html`<ul class="faces">${joinedHtml(items)}</ul>`,
  );
}
