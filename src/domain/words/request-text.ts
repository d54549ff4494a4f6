import { statePaths } from '../dataset/layout.ts';
import { kinds } from '../kinds.ts';
import type { RunRequest } from '../run/request.ts';

/** What was asked, in one line: for lists, refusals and the UI. `from` names the source, as it describes itself. */
export function requestSummary(request: RunRequest, from: string): string {
  const { manifest, fetch, trust, align } = request;
  const onlyLooks = fetch === 'nothing';
  const part = trust === 'contents' ? 'what is missing or damaged of ' : '';
  if (manifest.name === 'photos') {
    return onlyLooks
      ? `verify the aligned photographs of ${manifest.folder}`
      : `align ${part}photographs in ${manifest.folder}`;
  }
  const files = ['json', ...request.kinds.filter((kind) => kinds[kind].obtained === 'fetched')].join(', ');
  if (align === undefined || !request.kinds.some((kind) => kinds[kind].obtained === 'aligned')) {
    return onlyLooks ? `verify ${files}` : `download ${part}${files} from ${from}`;
  }
  if (onlyLooks) return `verify ${files} and the aligned pictures`;
  const originals = align.sourceDir === undefined ? '' : ` of the originals in ${align.sourceDir}`;
  return `download ${part}${files} from ${from}, then align the faces${originals}`;
}

/** The same at length, in Markdown that the UI renders as a list below the summary. */
export function requestDetails(request: RunRequest, out: string): string {
  const { manifest, license, allowedHosts, numAttempts } = request;
  const lines = [
    `goes to: \`${out}\``,
    `report: \`${out}/${statePaths.reportText}\`, when the run ends`,
    `manifest: ${manifestText(manifest)}`,
    `licence texts: ${license.name === 'url' ? `\`${license.url}\`` : licenseWords[license.name]}`,
    `files that were verified before: ${request.trust === 'records' ? 'count as done while size and time are unchanged' : 'are hashed again'}`,
    `a file is given up after: ${numAttempts === 1 ? '1 failed attempt' : `${numAttempts} failed attempts`}`,
  ];
  if (request.fetch === 'nothing') lines.push('fetches nothing: only looks');
  if (allowedHosts.length > 0) {
    lines.push(`hosts allowed beside Google's: ${allowedHosts.map((host) => `\`${host}\``).join(', ')}`);
  }
  return lines.map((line) => `- ${line}`).join('\n');
}

function manifestText(manifest: RunRequest['manifest']): string {
  switch (manifest.name) {
    case 'official':
      return 'the official one';
    case 'other':
      return `\`${manifest.location}\`${manifest.md5 === undefined ? '' : ` (MD5 ${manifest.md5})`}`;
    case 'photos':
      return `none: photographs in \`${manifest.folder}\`, landmarks in \`${manifest.landmarks}\``;
    default:
      return manifest satisfies never;
  }
}

const licenseWords = { official: 'the official ones', none: 'none' } as const;
