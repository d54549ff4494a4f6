import { createHash } from 'node:crypto';
import { answerBlocked, answeredInPlaceOfBytes, answeredStatus, answerPrivate } from './answers.ts';
import type { Active, BehaviourBook, ConfirmPage } from './behaviours.ts';
import type { Exchange } from './exchange.ts';
import { fileOfBytes, type StandInFile, type StandInFiles } from './files.ts';
import {
  BYTE_URL,
  type ConfirmTarget,
  captchaPage,
  confirmPage,
  folderPage,
  loginPage,
  missingPage,
  stalePage,
  unknownPage,
} from './pages.ts';
import { cookiesOf } from './requests.ts';
import { driveHeaders, sendFile } from './send-file.ts';

const SIGNED_HOST = 'doc-0k-8s-docs.googleusercontent.com';

/** Google's hosts as an anonymous download meets them; every redirect carries their real names. */
export class DriveHosts {
  readonly #files: StandInFiles;
  readonly #book: BehaviourBook;
  readonly #bigFrom: number;
  /** Signed links that still work, and whether they want their cookie. */
  readonly #links = new Map<string, { readonly id: string; readonly wantsCookie: boolean }>();
  #digestsMade = 0;

  /** `bigFrom`: bytes from which a file asks for confirmation by itself. */
  constructor(files: StandInFiles, book: BehaviourBook, bigFrom: number) {
    this.#files = files;
    this.#book = book;
    this.#bigFrom = bigFrom;
  }

  /** Answers as the host that the request names. */
  async answer(exchange: Exchange): Promise<void> {
    const { host, path } = exchange.record;
    if (host === 'accounts.google.com') exchange.page(200, loginPage);
    else if (host === 'www.google.com' && path.startsWith('/sorry')) exchange.page(429, captchaPage);
    else if (host === 'drive.usercontent.google.com' && path === '/download') await this.#bytes(exchange);
    else if (host === SIGNED_HOST) await this.#signed(exchange);
    else if (path === '/uc') await this.#entry(exchange);
    else if (path === '/open') this.#open(exchange);
    else if (path === '/embeddedfolderview') this.#folder(exchange);
    else if (path.startsWith('/document/')) exchange.page(200, unknownPage);
    else exchange.page(404, missingPage);
  }

  async #entry(exchange: Exchange): Promise<void> {
    const { query } = exchange.record;
    const id = query.id ?? '';
    exchange.record.file = id;
    const active = this.#book.at(['entry'], id);
    const blocked = active.find('blocked');
    if (blocked) return answerBlocked(exchange, blocked.how, blocked.retryAfter, blocked.words);
    if (answeredStatus(exchange, active)) return;
    const refused = active.find('private');
    if (refused && !exchange.record.cookies.includes(refused.unless ?? ''))
      return answerPrivate(exchange, refused);
    if (active.find('document')?.how === '500') return exchange.status(500);
    if (active.has('document')) return exchange.redirect(307, documentUrl(id));
    const file = this.#files.get(id);
    if (!file || active.has('missing')) return exchange.page(404, missingPage);

    exchange.setCookie('NID=511=stand-in; Path=/; Domain=.google.com; Secure; HttpOnly');
    const anchor = active.find('confirm');
    const target = this.#targetOf(id, file, anchor?.endless);
    if (anchor && (anchor.endless || !this.#anchorConfirmed(exchange, target))) {
      exchange.setCookie(`${warningCookie(id)}=${target.token}; Path=/uc; Domain=.drive.google.com; Secure`);
      return exchange.page(200, confirmPage('anchor', target), {}, 'confirm page');
    }
    const onwards = new URLSearchParams({ id, export: 'download' });
    if (anchor) {
      onwards.set('confirm', 't');
      onwards.set('uuid', target.uuid);
    }
    const byteUrl = `${BYTE_URL}?${onwards}`;
    exchange.redirect(active.find('redirect')?.status ?? 303, this.#location(exchange, active, id, byteUrl));
  }

  /** Where a browser is led to: a document's editor, or a page about the file. */
  #open(exchange: Exchange): void {
    const { id = '' } = exchange.record.query;
    const active = this.#book.at(['entry'], id);
    if (active.has('document')) exchange.redirect(307, documentUrl(id));
    else if (this.#files.has(id)) exchange.page(200, unknownPage);
    else exchange.page(404, missingPage);
  }

  /** What is in a folder: whatever it is called, every file of the stand-in. */
  #folder(exchange: Exchange): void {
    const { id = '' } = exchange.record.query;
    const active = this.#book.at(['entry'], id);
    const refused = active.find('private');
    if (refused) answerPrivate(exchange, refused);
    else if (active.has('missing') || this.#files.has(id)) exchange.page(404, missingPage);
    else exchange.page(200, folderPage([...this.#files].map(([file, { name }]) => [file, name])));
  }

  #anchorConfirmed(exchange: Exchange, { id, token }: ConfirmTarget): boolean {
    return (
      exchange.record.query.confirm === token && cookiesOf(exchange.request)[warningCookie(id)] === token
    );
  }

  #location(exchange: Exchange, active: Active, id: string, byteUrl: string): string | undefined {
    const { to = 'byte-host' } = active.find('redirect') ?? {};
    if (typeof to === 'object') {
      if ('url' in to) return to.url;
      const hop = Number(exchange.record.query.hop ?? 0) + 1;
      return hop < to.hops ? `/uc?id=${id}&hop=${hop}` : byteUrl;
    }
    switch (to) {
      case 'byte-host':
        return byteUrl;
      case 'itself':
        return `https://${exchange.record.host}${exchange.request.url}`;
      case 'nowhere':
        return undefined;
      case 'signed-stale':
        return `https://${SIGNED_HOST}/docs/securesc/${digestOf('stale')}/${id}?e=download`;
      case 'signed':
      case 'signed-with-cookie': {
        const token = digestOf(`link ${++this.#digestsMade}`);
        this.#links.set(token, { id, wantsCookie: to === 'signed-with-cookie' });
        return `https://${SIGNED_HOST}/docs/securesc/${token}/${id}?e=download`;
      }
      default:
        return to satisfies never;
    }
  }

  /** The byte host of former years: a link works once, and some only for who was given their cookie on the way. */
  async #signed(exchange: Exchange): Promise<void> {
    const { path, query } = exchange.record;
    const token = path.split('/')[3] ?? '';
    const link = this.#links.get(token);
    if (!link) return exchange.page(403, stalePage);
    exchange.record.file = link.id;
    if (link.wantsCookie) {
      const cookie = `AUTH_${token.slice(0, 8)}`;
      if (query.nonce === undefined) {
        exchange.setCookie(`${cookie}=${token.slice(8)}; Path=/docs; Secure; HttpOnly`);
        return exchange.redirect(302, `${path}?e=download&nonce=1`);
      }
      if (cookiesOf(exchange.request)[cookie] !== token.slice(8)) return exchange.page(403, stalePage);
    }
    this.#links.delete(token);
    await this.#bytes(exchange, link.id);
  }

  async #bytes(exchange: Exchange, signedId?: string): Promise<void> {
    const { query } = exchange.record;
    const id = signedId ?? query.id ?? '';
    exchange.record.file = id;
    const active = this.#book.at(['bytes'], id);
    const file = this.#files.get(id);
    if (!file) return exchange.page(404, missingPage);
    if (answeredStatus(exchange, active) || answeredInPlaceOfBytes(exchange, active)) return;
    const asks = active.find('confirm');
    const { page, endless = false } = asks ?? { page: this.#defaultPage(file) };
    if (page !== undefined && signedId === undefined) {
      const target = this.#targetOf(id, file, endless);
      if (asks?.invalid && query.confirm !== undefined) return exchange.status(400);
      const known = page === 'form-without-uuid' || query.uuid === target.uuid;
      if (endless || query.confirm !== 't' || !known) {
        return exchange.page(200, confirmPage(page, target), {}, 'confirm page');
      }
    }
    const inPlace = active.find('page-as-file');
    if (inPlace) {
      const html = Buffer.from(unknownPage.padEnd(file.size).slice(0, file.size));
      const type = inPlace.type === 'html' ? { type: 'text/html; charset=utf-8' } : {};
      const page = fileOfBytes(html, { ...file, ...type });
      return sendFile(exchange, page, active, (found) => driveHeaders(found, active));
    }
    await sendFile(exchange, file, active, (found) => driveHeaders(found, active));
  }

  /** The same each time, so that it can be recognised; a page without end makes up a new one every time. */
  #targetOf(id: string, file: StandInFile, endless = false): ConfirmTarget {
    const digest = digestOf(endless ? `${id} ${++this.#digestsMade}` : id);
    const uuid = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
    return { id, name: file.name, size: file.size, uuid, token: digest.slice(-4) };
  }

  #defaultPage(file: StandInFile): ConfirmPage | undefined {
    return file.size >= this.#bigFrom ? 'form' : undefined;
  }
}

function documentUrl(id: string): string {
  return `https://docs.google.com/document/d/${id}/edit`;
}

function warningCookie(id: string): string {
  return `download_warning_13058876669334088843_${id}`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
