import { isGoogleHost } from '../dataset/allowed-hosts.ts';
import { driveFileOf, driveUrlOf } from '../network/drive-file.ts';

/**
 * What of a file's URL may stand in a gate's history, where everybody reads it for good, and still asks the same hosts: of
 * Drive's files the id, of other URLs the server and the path. A query goes, a resource key too: it is what lets a reader in,
 * and a probe wants an answer, not the file. So does the path of Google's other URLs: links to bytes are signed there.
 */
export function publicUrlOf(text: string): string {
  if (!URL.canParse(text)) return '';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return '';
  const drive = driveFileOf(url);
  if (drive !== undefined) return driveUrlOf({ id: drive.id }).href;
  return isGoogleHost(url.hostname) ? `${url.origin}/` : `${url.origin}${url.pathname}`;
}
