import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type RedirectBack, readRedirectBack } from '../../domain/network/redirect-back.ts';
import { loopbackBounds, makeRoom } from '../../server/ui/loopback-bounds.ts';
import { ownerOfPeer, type PeerOwner } from './peer-owner.ts';

/** What ends a sign-in, well or not. */
export type Ending = Exclude<RedirectBack, { readonly says: 'nothing' }>;

export interface RedirectServer {
  /** Where Google leads the browser back to: this machine's loopback, at a free port. */
  readonly uri: string;
  /**
   * Settles when the answer to this sign-in came; whatever else asks is turned away. Rejects with {@link OverheardError}
   * where somebody else has seen the page's address.
   */
  readonly came: Promise<Ending>;
  /**
   * An address here that leads to a page, once. Every user of the machine sees what a browser is started with, and Google's
   * own address has this sign-in's state in it.
   */
  onceTo(page: string): string;
  close(): Promise<void>;
}

/** The address that a browser was started with was asked for twice: whoever was not the browser knows the state now. */
export class OverheardError extends Error {
  override readonly name = 'OverheardError';
}

const PATH = '/signed-in';

/** Where nobody can tell whose the answer is, the browser itself has so long (ms) to come second and prove it another's. */
const SECOND_ASKER_MS = 2_000;

/** Foreign requests of which the person is told; any page in the browser may send them without end. */
const MOST_TOLD = 3;

/**
 * Waits on 127.0.0.1 for the browser to come back. Every page of every site can ask there too, so only the request with
 * this sign-in's `state` counts, and under the address that Google was given (DNS rebinding). So can every user of the
 * machine, who sees what a browser is started with: what leads to the `state`, and the answer, are for this user alone.
 *
 * @param onForeign hears why a request was turned away
 * @param ownerOf tells whose process asks
 */
export async function waitForRedirect(
  state: string,
  onForeign: (problem: string) => void,
  ownerOf: (socket: Socket) => PeerOwner = ownerOfPeer,
): Promise<RedirectServer> {
  let settle: (ending: Ending) => void = () => {};
  let giveUp: (error: OverheardError) => void = () => {};
  const came = new Promise<Ending>((done, fail) => {
    settle = done;
    giveUp = fail;
  });
  came.catch(() => {});
  const door = `/${randomBytes(16).toString('base64url')}`;
  let behindDoor: string | undefined;
  let asked = 0;
  let told = 0;
  let answer: string | undefined;
  let late: NodeJS.Timeout | undefined;
  const tell = (problem: string) => {
    if (++told <= MOST_TOLD) onForeign(problem);
  };
  const server = createServer(loopbackBounds, ({ method, url = '', headers, socket }, response) => {
    if (method !== 'GET' || headers.host !== host) return say(response, 403, 'This address is not for you.');
    if (url !== door && !url.startsWith(PATH)) return say(response, 404, 'There is nothing here.');
    const owner = ownerOf(socket);
    if (owner === 'another') {
      say(response, 403, 'This address is not for you.');
      return tell('expected a program of this user, got one of another user of this machine');
    }
    if (url === door && behindDoor !== undefined) {
      if (++asked === 1) return lead(response, behindDoor);
      giveUp(new OverheardError('expected one browser to ask for the page of this sign-in, got two'));
      return say(
        response,
        403,
        'This page was asked for before. The sign-in is over: give the command again.',
      );
    }
    const back = readRedirectBack(`http://${host}${url}`, uri, state);
    if (back.says !== 'nothing') {
      say(response, 200, 'Google has answered. You can close this page; the terminal says what came of it.');
      if (owner === 'mine') return settle(back);
      if (answer !== undefined && JSON.stringify(back) !== answer)
        return giveUp(new OverheardError('expected one answer to this sign-in, got two'));
      answer = JSON.stringify(back);
      late ??= setTimeout(() => settle(back), SECOND_ASKER_MS);
      return;
    }
    say(response, 400, 'This is not the answer to the sign-in that waits here.');
    tell(back.problem);
  });
  makeRoom(server);
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const uri = `http://${host}${PATH}`;
  return {
    uri,
    came,
    onceTo(page) {
      behindDoor = page;
      return `http://${host}${door}`;
    },
    async close() {
      clearTimeout(late);
      const closed = new Promise<void>((done) => server.close(() => done()));
      // What was answered is on its way; a browser that keeps its connection is not waited for.
      server.closeIdleConnections();
      const tooLong = setTimeout(() => server.closeAllConnections(), 500);
      await closed;
      clearTimeout(tooLong);
    },
  };
}

function lead(response: ServerResponse, location: string): void {
  response.writeHead(302, {
    location,
    'content-length': 0,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end();
}

/** The code stands in the page's address: it is sent on to nobody, and no script of anybody runs here. */
function say(response: ServerResponse, status: number, sentence: string): void {
  const page = `<!doctype html><meta charset="utf-8"><title>ffhq</title><p>${sentence}</p>`;
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(page),
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(page);
}
