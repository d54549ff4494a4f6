import { isGoogleHost } from '../../../domain/dataset/allowed-hosts.ts';
import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import { printable } from '../../../domain/failure/printable.ts';
import type { SourceFailure } from '../../../domain/failure/source-failure.ts';
import { gatesOf } from '../../../domain/failure/source-gate.ts';
import type { SavedCookies } from '../../../domain/network/cookie-file.ts';
import { notTheFile } from '../http/answer.ts';
import type { KnownHosts } from '../http/walk.ts';
import { driveAnswer } from './answer.ts';
import { makeCookieJar } from './cookie-jar.ts';

/**
 * What a walk must know of Google's hosts, wherever it began: a mirror too may lead there.
 *
 * @param cookies the user's own, for ways that begin at Google
 */
export function makeGoogleHosts(cookies?: SavedCookies): KnownHosts {
  const told = (failure: SourceFailure) => (cookies === undefined ? failure : withAdvice(failure));
  return {
    refusalOf(url, from, file, redirectedBy) {
      const refusal = refusalOf(url, from, file, redirectedBy);
      return refusal && told(refusal);
    },
    async answerOf(response, file) {
      if (!isGoogleHost(response.url.hostname)) return undefined;
      const answer = await driveAnswer(response, file);
      return answer.kind === 'failed' ? { ...answer, failure: told(answer.failure) } : answer;
    },
    makeCookieJar: () => makeCookieJar(cookies),
  };
}

function withAdvice(failure: SourceFailure): SourceFailure {
  if (failure.reason !== 'private') return failure;
  const detail = `${failure.detail}; the cookies of --cookies may have expired, or their account has no access`;
  return { ...failure, detail: printable(detail, 300) };
}

function refusalOf(
  { hostname, pathname }: URL,
  from: string,
  file: FileSpec,
  redirectedBy: URL | undefined,
): SourceFailure | undefined {
  if (hostname === 'accounts.google.com') {
    return notTheFile('private', file, from, 'the way to a login page');
  }
  if (/(^|\.)google(\.[a-z]{2,3}){1,2}$/.test(hostname) && /^\/sorry(\/|$)/.test(pathname)) {
    // Anybody can write this URL, into a manifest or an answer of a server of theirs: it is a block where Google leads there.
    const isGooglesWord = redirectedBy !== undefined && gatesOf(redirectedBy.host).length > 0;
    if (isGooglesWord) return notTheFile('blocked', file, from, 'the way to the "sorry" page');
    return notTheFile('not-downloadable', file, from, 'the URL of the "sorry" page, and not by Google');
  }
  if (hostname === 'docs.google.com' && /^\/(document|spreadsheets|presentation|forms)\//.test(pathname)) {
    return notTheFile('not-downloadable', file, from, 'the way to a Google Docs editor');
  }
  return undefined;
}
