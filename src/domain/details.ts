/** Markdown for the "User Metadata" tab of the Temporal UI, whose tables come out without borders: lists and bold only. */

import { type FileKind, fileKinds } from './file-spec.ts';
import type { ChildProgress, RunProgress, Tally, Wait } from './progress.ts';
import { formatBytes } from './report.ts';
import type { RunRequest } from './request.ts';

export function runDetails(progress: RunProgress): string {
  const lines = [`**${progress.paused ? 'paused' : progress.stage}**, as of ${progress.at}`, ''];
  for (const kind of fileKinds) {
    const tally = progress.kinds[kind];
    if (tally) lines.push(...tallyLines(kind, tally));
  }
  return [...lines, ...waitLines(progress.waits)].join('\n');
}

export function childDetails(progress: ChildProgress): string {
  const state = progress.paused ? 'paused' : 'working';
  const head = `**${progress.kind} ${progress.name}**, ${state}, as of ${progress.at}`;
  return [head, '', ...tallyLines(progress.kind, progress.tally), ...waitLines(progress.waits)].join('\n');
}

/** Static details: what was asked, and where it goes. */
export function requestDetails(request: RunRequest, out: string): string {
  const { manifest, source } = request;
  const lines = [
    `- asked for: **${['json', ...request.kinds].join(', ')}**`,
    `- goes to: \`${out}\``,
    `- manifest: ${manifest.name === 'official' ? 'the official one' : `\`${manifest.location}\``}`,
    `- source: ${source.name}${source.name === 'http-mirror' ? ` \`${source.baseUrl}\`` : ''}${source.name === 'local-dir' ? ` \`${source.path}\`` : ''}`,
    `- files there before: ${request.trust === 'records' ? 'count when verified before and unchanged' : 'are all hashed again'}`,
  ];
  if (request.fetch === 'nothing') lines.push('- only looks, fetches nothing');
  return lines.join('\n');
}

function tallyLines(kind: FileKind, tally: Tally): string[] {
  const percent = tally.files === 0 ? 100 : Math.floor((100 * tally.doneFiles) / tally.files);
  const lines = [
    `- **${kind}**: ${tally.doneFiles} / ${tally.files} files (${percent} %), ${formatBytes(tally.doneBytes)} / ${formatBytes(tally.bytes)}`,
  ];
  if (tally.deferredFiles > 0) lines.push(`    - ${tally.deferredFiles} deferred`);
  for (const [reason, { count, first }] of Object.entries(tally.failures)) {
    lines.push(
      `    - ${count} failed: **${reason}** (${first.join(', ')}${count > first.length ? ', ...' : ''})`,
    );
  }
  return lines;
}

function waitLines(waits: readonly Wait[]): string[] {
  return waits.map(
    (wait) => `- waits: ${wait.what}: ${wait.reason}${wait.until ? ` until ${wait.until}` : ''}`,
  );
}
