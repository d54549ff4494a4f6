import { answerBlocked, answeredInPlaceOfBytes, answeredStatus, answerPrivate } from './answers.ts';
import type { BehaviourBook } from './behaviours.ts';
import type { Exchange } from './exchange.ts';
import type { StandInFiles } from './files.ts';
import { mirrorHeaders, sendFile } from './send-file.ts';

/** An ordinary web server with the same files, by their paths; it shows the entry behaviours that such a server can have. */
export class MirrorHost {
  readonly #files: StandInFiles;
  readonly #book: BehaviourBook;
  readonly #ids = new Map<string, string>();

  constructor(files: StandInFiles, book: BehaviourBook) {
    this.#files = files;
    this.#book = book;
    for (const [id, { path }] of files) if (path !== undefined) this.#ids.set(path, id);
  }

  /** Answers for the file at the request's path. */
  async answer(exchange: Exchange): Promise<void> {
    const path = decodePath(exchange.record.path);
    const id = this.#ids.get(path);
    const active = this.#book.at(['entry', 'bytes'], id ?? path);
    exchange.record.file = id;
    if (answeredStatus(exchange, active)) return;
    const blocked = active.find('blocked');
    if (blocked) return answerBlocked(exchange, blocked.how, blocked.retryAfter, blocked.words);
    const refused = active.find('private');
    if (refused) return answerPrivate(exchange, refused);
    const redirect = active.find('redirect');
    if (redirect && typeof redirect.to === 'object' && 'url' in redirect.to) {
      return exchange.redirect(redirect.status ?? 302, redirect.to.url);
    }
    const file = this.#files.get(id ?? '');
    if (!file || active.has('missing')) return exchange.status(404);
    if (answeredInPlaceOfBytes(exchange, active)) return;
    await sendFile(exchange, file, active, mirrorHeaders);
  }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    return '';
  }
}
