import type { Active, Behaviour, BlockAnswer } from './behaviours.ts';
import type { Exchange } from './exchange.ts';
import {
  infectedPage,
  notPermittedPage,
  quotaPage,
  requestAccessPage,
  sorryPage,
  stalePage,
  unknownPage,
} from './pages.ts';
import { translatedPages } from './translated-pages.ts';

type Blocked = Extract<Behaviour, { kind: 'blocked' }>;
type Private = Extract<Behaviour, { kind: 'private' }>;

/** Google's refusal of a client's address; `GFE` is how its front end names itself. */
export function answerBlocked(
  exchange: Exchange,
  how: BlockAnswer = '429',
  retryAfter?: string,
  words: Blocked['words'] = 'english',
): void {
  if (how === 'redirect') {
    exchange.redirect(302, 'https://www.google.com/sorry/index?continue=https://drive.google.com/uc');
    return;
  }
  exchange.page(Number(how), words === 'english' ? sorryPage : translatedPages.sorry, {
    server: 'GFE/2.0',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
}

/** A plain status, if the behaviours say so; true when answered. */
export function answeredStatus(exchange: Exchange, active: Active): boolean {
  const behaviour = active.find('status');
  if (!behaviour) return false;
  const { status, retryAfter } = behaviour;
  exchange.status(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
  return true;
}

/** The refusal of a file that is not public. */
export function answerPrivate(exchange: Exchange, { how = 'login', words = 'english' }: Private): void {
  switch (how) {
    case 'login':
      exchange.redirect(302, 'https://accounts.google.com/ServiceLogin?continue=https://drive.google.com/uc');
      break;
    case 'forbidden':
      exchange.page(403, words === 'english' ? requestAccessPage : translatedPages.requestAccess);
      break;
    case 'unauthorized':
      exchange.status(401);
      break;
    default:
      how satisfies never;
  }
}

/** Whatever comes in place of the bytes, if the behaviours say so; true when that is the answer, or that there is none. */
export function answeredInPlaceOfBytes(exchange: Exchange, active: Active): boolean {
  const isEnglish = (kind: 'infected' | 'not-permitted') => active.find(kind)?.words !== 'translated';
  if (active.has('reset-before-headers')) exchange.reset();
  else if (active.has('stall-before-headers')) exchange.stall();
  else if (active.has('infected'))
    exchange.page(200, isEnglish('infected') ? infectedPage : translatedPages.infected);
  else if (active.has('not-permitted'))
    exchange.page(200, isEnglish('not-permitted') ? notPermittedPage : translatedPages.notPermitted);
  else if (active.has('unknown-page')) exchange.page(200, active.find('unknown-page')?.html ?? unknownPage);
  else if (active.has('stale-link')) exchange.page(403, stalePage);
  else {
    const quota = active.find('quota');
    if (!quota || (quota.except === 'ranged' && exchange.record.range !== undefined)) return false;
    exchange.page(200, quotaPage(quota.page ?? 'plain'));
  }
  return true;
}
