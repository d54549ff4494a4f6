import { statePaths } from '../dataset/layout.ts';
import { isAligned, kinds } from '../kinds.ts';
import { code, joined, type Markdown, markdown, shown } from '../quoting/markdown.ts';
import type { RunRequest } from '../run/request.ts';

/** What was asked, in one line: for lists, refusals and the UI. `from` names the source, as it describes itself. */
export function requestSummary(request: RunRequest, from: string): Markdown {
  const { manifest, fetch, trust, align } = request;
  const onlyLooks = fetch === 'nothing';
  const part = trust === 'contents' ? markdown`what is missing or damaged of ` : markdown``;
  if (manifest.name === 'photos') {
    return onlyLooks
      ? markdown`verify the aligned photographs of ${shown(manifest.folder)}`
      : markdown`align ${part}photographs in ${shown(manifest.folder)}`;
  }
  const fetched = request.kinds.filter((kind) => kinds[kind].obtained === 'fetched');
  const files = shown(['json', ...fetched].join(', '));
  if (align === undefined || !request.kinds.some(isAligned)) {
    return onlyLooks ? markdown`verify ${files}` : markdown`download ${part}${files} from ${shown(from)}`;
  }
  if (onlyLooks) return markdown`verify ${files} and the aligned pictures`;
  const originals =
    align.sourceDir === undefined ? markdown`` : markdown` of the originals in ${shown(align.sourceDir)}`;
  return markdown`download ${part}${files} from ${shown(from)}, then align the faces${originals}`;
}

/** The same at length, in Markdown that the UI renders as a list below the summary. */
export function requestDetails(request: RunRequest, out: string): Markdown {
  const { manifest, license, allowedHosts, numAttempts } = request;
  const lines = [
    markdown`goes to: ${code(out)}`,
    markdown`report: ${code(`${out}/${statePaths.reportText}`)}, when the run ends`,
    markdown`manifest: ${manifestText(manifest)}`,
    markdown`licence texts: ${license.name === 'url' ? code(license.url) : shown(licenseWords[license.name])}`,
    markdown`files that were verified before: ${shown(request.trust === 'records' ? 'count as done while size and time are unchanged' : 'are hashed again')}`,
    markdown`a file is given up after: ${shown(numAttempts === 1 ? '1 failed attempt' : `${numAttempts} failed attempts`)}`,
  ];
  if (request.accept === 'pixels')
    lines.push(markdown`pictures in another lossless encoding: count by their pixels`);
  if (request.selection !== undefined) lines.push(markdown`only: ${shown(request.selection.words)}`);
  else if (request.ids !== undefined) lines.push(markdown`only: ${shown(`--ids ${request.ids}`)}`);
  if (request.fetch === 'nothing') lines.push(markdown`fetches nothing: only looks`);
  if (allowedHosts.length > 0) {
    lines.push(markdown`hosts allowed beside Google's: ${joined(allowedHosts.map(code), ', ')}`);
  }
  return joined(
    lines.map((line) => markdown`- ${line}`),
    '\n',
  );
}

function manifestText(manifest: RunRequest['manifest']): Markdown {
  switch (manifest.name) {
    case 'official':
      return markdown`the official one`;
    case 'other':
      return manifest.md5 === undefined
        ? code(manifest.location)
        : markdown`${code(manifest.location)} (MD5 ${shown(manifest.md5)})`;
    case 'photos':
      return markdown`none: photographs in ${code(manifest.folder)}, landmarks in ${code(manifest.landmarks)}`;
    default:
      return manifest satisfies never;
  }
}

const licenseWords = { official: 'the official ones', none: 'none' } as const;
