import { sha256Of } from '../dataset/digest.ts';
import type { SelectionRequest } from '../run/request.ts';
import { askText, askWords, type SelectionAsk } from './ask.ts';

/** Characters of ids that a run is told itself: longer ones would lie in every input, and travel by their digest. */
export const MOST_IDS_TOLD = 4_000;

/** What an ask is known by. */
export function digestOfAsk(ask: SelectionAsk): string {
  return sha256Of(askText(ask));
}

/** What workflows are told of an ask. */
export function selectionRequest(ask: SelectionAsk): SelectionRequest {
  return {
    name: ask.idsOf === undefined ? 'asked' : 'held',
    digest: digestOfAsk(ask),
    words: askWords(ask),
  };
}
