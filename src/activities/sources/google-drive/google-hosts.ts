import { isGoogleHost } from '../../../domain/dataset/allowed-hosts.ts';
import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import type { SourceFailure } from '../../../domain/failure/source-failure.ts';
import { notTheFile } from '../http/answer.ts';
import type { KnownHosts } from '../http/walk.ts';
import { driveAnswer } from './answer.ts';
import { makeCookieJar } from './cookie-jar.ts';

/** What a walk must know of Google's hosts, wherever it began: a mirror too may lead there. */
export const googleHosts: KnownHosts = {
  refusalOf,
  answerOf: (response, file) =>
    isGoogleHost(response.url.hostname) ? driveAnswer(response, file) : undefined,
  makeCookieJar,
};

function refusalOf({ hostname, pathname }: URL, from: string, file: FileSpec): SourceFailure | undefined {
  if (hostname === 'accounts.google.com') {
    return notTheFile('private', file, from, 'the way to a login page');
  }
  if (/(^|\.)google(\.[a-z]{2,3}){1,2}$/.test(hostname) && /^\/sorry(\/|$)/.test(pathname)) {
    return notTheFile('blocked', file, from, 'the way to the "sorry" page');
  }
  if (hostname === 'docs.google.com' && /^\/(document|spreadsheets|presentation|forms)\//.test(pathname)) {
    return notTheFile('not-downloadable', file, from, 'the way to a Google Docs editor');
  }
  return undefined;
}
