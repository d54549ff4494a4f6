import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { foreignRequest } from '../../server/ui/foreign-request.ts';
import { loopbackBounds, makeRoom } from '../../server/ui/loopback-bounds.ts';

const LOOPBACK = '127.0.0.1';

const KEY_HEADER = 'x-ffhq-page';

export interface ServedPage {
  /** Address of the page, with a part that nobody can guess: other users of the machine reach the loopback too. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves one page on this machine's loopback to its user's own browser tab: no page of another origin gets it, nor one that
 * has its name lead here (DNS rebinding), nor who does not know the address.
 *
 * @param port 0: any that is free. Rejects with EADDRINUSE where another program has it.
 * @param page HTML as of now
 * @param policy its Content-Security-Policy
 * @param key what the page knows this command by: whoever has the port after it has no answer with it
 */
export async function servePage(
  port: number,
  page: () => Promise<string>,
  policy: string,
  key = '',
): Promise<ServedPage> {
  const path = `/${randomBytes(16).toString('base64url')}/`;
  const server = createServer(loopbackBounds, (asked, answer) => {
    asked.on('error', () => {});
    answer.on('error', () => {});
    void answerTo(asked, answer, path, { page, policy, key });
  });
  makeRoom(server);
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen({ host: LOOPBACK, port, exclusive: true }, listening);
  });
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://${LOOPBACK}:${own}${path}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function answerTo(
  asked: IncomingMessage,
  answer: ServerResponse,
  path: string,
  { page, policy, key }: { page: () => Promise<string>; policy: string; key: string },
): Promise<void> {
  const refusal = foreignRequest(asked);
  if (refusal !== undefined) return say(answer, 403, refusal);
  const { method = 'GET', url = '/' } = asked;
  if (!isEqual(url, path))
    return say(answer, 404, 'expected the address that the command printed, got another');
  if (method !== 'GET' && method !== 'HEAD') return say(answer, 405, `expected GET, got ${method}`);
  try {
    const text = await page();
    // Nobody who has not got the page gets its key.
    answer.writeHead(200, { ...headers('text/html; charset=utf-8', policy), [KEY_HEADER]: key });
    answer.end(method === 'HEAD' ? undefined : text);
  } catch (error) {
    say(
      answer,
      500,
      `the page cannot be made now: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function say(answer: ServerResponse, status: number, text: string): void {
  answer.writeHead(status, headers('text/plain; charset=utf-8', "default-src 'none'"));
  answer.end(`report: ${text}\n`);
}

/** Nobody keeps it, frames it, or takes it for something else. */
function headers(type: string, policy: string): Record<string, string> {
  return {
    'content-type': type,
    'content-security-policy': `${policy}; frame-ancestors 'none'`,
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
