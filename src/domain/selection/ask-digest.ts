import { sha256Of } from '../dataset/digest.ts';
import type { SelectionRequest } from '../run/request.ts';
import { askText, askWords, type SelectionAsk } from './ask.ts';

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
