import { isGoogleHost } from '../domain/dataset/allowed-hosts.ts';
import { answerBlocked } from './answers.ts';
import { API_HOST, ApiHost, type ApiOptions } from './api-host.ts';
import { type Behaviour, BehaviourBook } from './behaviours.ts';
import { BlockLimit, type BlockLimitOptions } from './block-limit.ts';
import { DriveHosts } from './drive-hosts.ts';
import { type Exchange, serveExchanges } from './exchange.ts';
import type { StandInFiles } from './files.ts';
import { MirrorHost } from './mirror-host.ts';
import type { OpenRecord, RecordedRequest } from './requests.ts';
import { SignInDesk } from './sign-in/sign-in-desk.ts';

export interface DriveStandInOptions {
  readonly files: StandInFiles;
  /** Bytes from which a file asks for confirmation by itself. @default 100 MiB; the real Drive has no firm size */
  readonly bigFrom?: number;
  /** When it blocks the client's address. @default never */
  readonly block?: BlockLimitOptions;
  /** Whom Google's API lets in. @default everybody who brings a key or a token */
  readonly api?: ApiOptions;
  /** Requests at once that the mirror bears: it answers more of them with 429, without a wait. @default any number */
  readonly bears?: number;
  /** @default a free one */
  readonly port?: number;
  /** Milliseconds; for records and blocks. @default Date.now */
  readonly now?: () => number;
}

/** A Google Drive on this machine, with the same files on a plain mirror. */
export interface DriveStandIn {
  /** `http://127.0.0.1:PORT`: the client's `googleOrigin`, and the mirror's base URL. */
  readonly origin: string;
  /** Every request so far, in the order in which they came; an entry changes until its request is over. */
  readonly requests: readonly RecordedRequest[];
  /**
   * From now on this file (by its id), or all files, behave so; undefined or an empty list: as they should. A file's own
   * behaviours go before those of all. Counts (`from`, `times`) begin anew.
   */
  behave(idOrAll: string, behaviour: Behaviour | readonly Behaviour[] | undefined): void;
  /** Where Google signs people and programs in. */
  readonly signIn: SignInDesk;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts the stand-in on a free port of the loopback interface. It plays all of Google's hosts, told apart by the Host
 * header, and a plain mirror under its own address.
 *
 * @throws The system's error when the port is not free.
 */
export async function startDriveStandIn(options: DriveStandInOptions): Promise<DriveStandIn> {
  const {
    files,
    bigFrom = 100 * 1024 * 1024,
    port: wanted = 0,
    now = Date.now,
    bears = Number.POSITIVE_INFINITY,
  } = options;
  const book = new BehaviourBook(now);
  const drive = new DriveHosts(files, book, bigFrom);
  const mirror = new MirrorHost(files, book);
  const limit = new BlockLimit(options.block ?? {});
  const signIn = new SignInDesk(now);
  const isToken = (token: string) => signIn.letsIn(token);
  const api = new ApiHost(files, book, { isToken, ...options.api }, now);
  const requests: OpenRecord[] = [];
  let borne = 0;

  const handle = async (exchange: Exchange): Promise<void> => {
    const { request, response, record } = exchange;
    const { host, path, query } = record;
    const signed = await signIn.answer({ host, path, query, method: request.method, body: request });
    if (signed === 'silence') return exchange.stall();
    if (signed !== undefined) return exchange.page(signed.status, signed.text, signed.headers);
    const isMirror = !isGoogleHost(record.host);
    if (request.method !== 'GET' && !(isMirror && request.method === 'HEAD')) return exchange.status(405);
    if (isMirror) {
      if (borne >= bears) return exchange.status(429);
      borne++;
      response.once('close', () => {
        borne--;
      });
      return mirror.answer(exchange);
    }
    if (limit.refuses(record.at, record.concurrent)) {
      return answerBlocked(exchange, options.block?.how, options.block?.retryAfter);
    }
    return record.host === API_HOST ? api.answer(exchange) : drive.answer(exchange);
  };

  const server = await serveExchanges(handle, { requests, now, port: wanted });

  return {
    origin: `http://127.0.0.1:${server.port}`,
    requests,
    signIn,
    behave(idOrAll, behaviour) {
      book.set(idOrAll, behaviour === undefined ? [] : [behaviour].flat());
    },
    close: () => server.close(),
  };
}
