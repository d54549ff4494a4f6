import type { RunRequest } from '../domain/request.ts';

/** What was asked, in one line: for lists, refusals and the UI. */
export function requestSummary(request: RunRequest): string {
  const what = ['json', ...request.kinds].join(', ');
  const verb =
    request.fetch === 'nothing'
      ? 'verify'
      : request.trust === 'contents'
        ? 'download and hash all of'
        : 'download';
  return `${verb} ${what} from ${sourceText(request)}`;
}

/** The same at length, in Markdown that the UI renders as a list. */
export function requestDetails(request: RunRequest, out: string): string {
  const { manifest, license, allowedHosts } = request;
  const lines = [
    `**${requestSummary(request)}**`,
    `to: \`${out}\``,
    `manifest: ${manifest.name === 'official' ? 'official' : `\`${manifest.location}\`${manifest.md5 === undefined ? '' : ` (MD5 ${manifest.md5})`}`}`,
    `licence files: ${license.name === 'url' ? `\`${license.url}\`` : license.name}`,
    `files verified before: ${request.trust === 'records' ? 'count while size and time are unchanged' : 'hashed again'}`,
    `given up after: ${request.numAttempts} faults of a file`,
  ];
  if (allowedHosts.length > 0) {
    lines.push(`allowed hosts: ${allowedHosts.map((host) => `\`${host}\``).join(', ')}`);
  }
  return lines.map((line, index) => (index === 0 ? `${line}\n` : `- ${line}`)).join('\n');
}

function sourceText({ source }: RunRequest): string {
  switch (source.name) {
    case 'google-drive':
      return 'Google Drive';
    case 'http-mirror':
      return source.baseUrl;
    case 'local-dir':
      return source.path;
    default:
      return source satisfies never;
  }
}
