import { statePaths } from '../dataset/layout.ts';
import type { RunRequest } from '../run/request.ts';

/** What was asked, in one line: for lists, refusals and the UI. `from` names the source, as it describes itself. */
export function requestSummary(request: RunRequest, from: string): string {
  const what = ['json', ...request.kinds].join(', ');
  const verb =
    request.fetch === 'nothing'
      ? 'verify'
      : request.trust === 'contents'
        ? 'download and hash all of'
        : 'download';
  return `${verb} ${what} from ${from}`;
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
    `a file fails after: ${numAttempts === 1 ? '1 fault' : `${numAttempts} faults`} of its own`,
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
