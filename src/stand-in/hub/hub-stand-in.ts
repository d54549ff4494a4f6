import { createHash } from 'node:crypto';
import { answeredInPlaceOfBytes, answeredStatus } from '../answers.ts';
import { type Behaviour, BehaviourBook } from '../behaviours.ts';
import { type Exchange, serveExchanges } from '../exchange.ts';
import type { StandInFile, StandInFiles } from '../files.ts';
import type { OpenRecord, RecordedRequest } from '../requests.ts';
import { mirrorHeaders, sendFile } from '../send-file.ts';
import { FixedWindow } from './fixed-window.ts';

export interface HubStandInOptions {
  /** Those with a path, by any key. */
  readonly files: StandInFiles;
  /** `OWNER/NAME` */
  readonly repo: string;
  /** The one commit, 40 hex digits. */
  readonly revision: string;
  /** Where a file lies in the repository. @default its path */
  readonly pathOf?: (file: StandInFile) => string | undefined;
  /** What requests must bring. @default nothing */
  readonly token?: string;
  /** Requests for files that are answered in so many milliseconds. @default 3,000 in 5 minutes */
  readonly limit?: { readonly requests: number; readonly windowMs: number };
  /** Of the hub and of its byte host. @default free ones */
  readonly ports?: readonly [number, number];
  /** Milliseconds. @default Date.now */
  readonly now?: () => number;
}

/** A hub of dataset repositories on this machine, and the byte host that it leads to, under a port of its own. */
export interface HubStandIn {
  /** `http://127.0.0.1:PORT`: the client's endpoint. */
  readonly origin: string;
  /** `127.0.0.1:PORT` of the byte host. */
  readonly byteHost: string;
  /** Every request so far, to the hub and to its byte host. */
  readonly requests: readonly RecordedRequest[];
  /** From now on this file (by its key in `files`), or all, behave so at the byte host. */
  behave(keyOrAll: string, behaviour: Behaviour | readonly Behaviour[] | undefined): void;
  close(): Promise<void>;
}

/** @throws The system's error when no port is free. */
export async function startHubStandIn(options: HubStandInOptions): Promise<HubStandIn> {
  const {
    files,
    repo,
    revision,
    token,
    ports = [0, 0],
    now = Date.now,
    pathOf = ({ path }) => path,
  } = options;
  const window = new FixedWindow(options.limit ?? { requests: 3_000, windowMs: 300_000 }, now);
  const book = new BehaviourBook(now);
  const requests: OpenRecord[] = [];
  const byPath = new Map<string, string>();
  for (const [key, file] of files) {
    const path = pathOf(file);
    if (path !== undefined) byPath.set(path, key);
  }
  const hub = await serveExchanges(
    getsAlone(async (exchange) => {
      const { path } = exchange.record;
      const { authorization } = exchange.request.headers;
      if (token !== undefined && authorization !== `Bearer ${token}`)
        return refuse(exchange, 401, 'RepoNotFound');
      const api = `/api/datasets/${repo}/`;
      const resolve = `/datasets/${repo}/resolve/`;
      if (path.startsWith(api)) return answerApi(exchange, path.slice(api.length));
      if (!path.startsWith(resolve)) return refuse(exchange, 401, 'RepoNotFound');
      const left = window.take();
      const headers = window.headers();
      if (left < 0) return exchange.status(429, headers);
      const [at = '', ...parts] = path.slice(resolve.length).split('/');
      if (at !== revision) return refuse(exchange, 404, 'RevisionNotFound', headers);
      const key = byPath.get(parts.map(decoded).join('/'));
      const file = files.get(key ?? '');
      if (key === undefined || file === undefined) return refuse(exchange, 404, 'EntryNotFound', headers);
      exchange.record.file = key;
      exchange.head('redirect', 302, {
        ...headers,
        'content-length': 0,
        'x-repo-commit': revision,
        'x-linked-size': file.size,
        location: `http://${byteHost}/repos/${encodeURIComponent(key)}?Expires=1&Signature=${signatureOf(key)}`,
      });
      exchange.response.end();
    }),
    { requests, now, port: ports[0] },
  );
  const bytes = await serveExchanges(
    getsAlone(async (exchange) => {
      const { path, query } = exchange.record;
      const key = decoded(path.replace(/^\/repos\//, ''));
      const file = files.get(key);
      exchange.record.file = key;
      // As the hub's byte hosts do: two ways to sign at once are one too many.
      if (exchange.request.headers.authorization !== undefined) return exchange.status(400);
      if (file === undefined || query.Signature !== signatureOf(key)) return exchange.status(403);
      const active = book.at(['entry', 'bytes'], key);
      if (answeredStatus(exchange, active) || answeredInPlaceOfBytes(exchange, active)) return;
      await sendFile(exchange, file, active, mirrorHeaders);
    }),
    { requests, now, port: ports[1] },
  ).catch(async (error: unknown) => {
    await hub.close();
    throw error;
  });
  const byteHost = `127.0.0.1:${bytes.port}`;

  function answerApi(exchange: Exchange, rest: string): void {
    const [what = '', at = ''] = rest.split('/');
    if (at !== revision) {
      refuse(exchange, 404, 'RevisionNotFound');
      return;
    }
    const tree = [...byPath].map(([path, key]) => ({ type: 'file', path, size: files.get(key)?.size }));
    const json = JSON.stringify(what === 'tree' ? tree : { id: repo, sha: revision });
    exchange.head('status', 200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(json),
    });
    exchange.response.end(json);
  }

  return {
    origin: `http://127.0.0.1:${hub.port}`,
    byteHost,
    requests,
    behave: (keyOrAll, behaviour) => book.set(keyOrAll, behaviour === undefined ? [] : [behaviour].flat()),
    close: async () => {
      await Promise.all([hub, bytes].map((server) => server.close()));
    },
  };
}

/** As the hub words it. */
function refuse(
  exchange: Exchange,
  status: number,
  word: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  exchange.status(status, { ...headers, 'x-error-code': word });
}

function signatureOf(key: string): string {
  return createHash('sha256').update(`hub ${key}`).digest('hex');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

function getsAlone(answer: (exchange: Exchange) => Promise<void>): typeof answer {
  return async (exchange) => (exchange.request.method === 'GET' ? answer(exchange) : exchange.status(405));
}
