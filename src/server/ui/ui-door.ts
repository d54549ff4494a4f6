import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { foreignRequest } from './foreign-request.ts';
import type { UiAddress } from './ui-address.ts';

export interface UiDoorOptions {
  /** Where browsers ask. */
  readonly port: number;
  /** Of which server it is, in a word that may be told to everybody. */
  readonly id: string;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** Where the UI listens now; undefined: nowhere. */
  readonly ui: () => UiAddress | undefined;
  readonly signal: AbortSignal;
  /** Told once, where another program has the port. */
  readonly onTaken?: () => void;
}

/** Times in a row: a command that ends is gone by then. */
const MOST_UNKNOWN = 5;

/** By which a door is known to the next one of the same server. */
function nameOf(id: string): string {
  return `ffhq-ui-door/${id}`;
}

/** Another command of this user may keep the door: whoever is there when it ends takes over. */
const AGAIN_MS = 1_000;

/** Of one connection to the other: headers that mean this one alone (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Keeps the one way to the Temporal UI until the signal. The UI itself answers every page that has its name lead to this
 * machine, and everybody who asks in a browser's name; this door lets its own user's tab and tools in.
 */
export async function keepUiDoor(options: UiDoorOptions): Promise<void> {
  const { signal } = options;
  let isTold = false;
  let unknown = 0;
  while (!signal.aborted) {
    const door = await openAt(options);
    if (door === undefined) {
      // A server of before has its UI there itself.
      if (!isTold && options.ui() !== undefined) {
        const who = await whoIsAt(options);
        unknown = who === 'unknown' ? unknown + 1 : 0;
        isTold = who === 'stranger' || unknown === MOST_UNKNOWN;
        if (isTold) options.onTaken?.();
      }
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
      continue;
    }
    await closed(door, signal);
  }
}

function openAt(options: UiDoorOptions): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const door = createServer((asked, answer) => answerTo(asked, answer, options));
    door.once('error', () => resolve(undefined));
    const { host = '127.0.0.1', port } = options;
    door.listen({ host, port, exclusive: true }, () => resolve(door));
  });
}

/** `unknown`: it does not answer, as a command that ends at this moment. */
export function whoIsAt({
  port,
  id,
  signal,
}: Pick<UiDoorOptions, 'port' | 'id'> & { readonly signal?: AbortSignal }): Promise<
  'door' | 'stranger' | 'unknown'
> {
  return new Promise((resolve) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      method: 'HEAD',
      ...(signal === undefined ? {} : { signal }),
      timeout: AGAIN_MS,
      agent: false,
    });
    asked.once('response', ({ headers }) => resolve(headers.server === nameOf(id) ? 'door' : 'stranger'));
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve('unknown'));
    asked.once('close', () => resolve('unknown'));
    asked.end();
  });
}

function closed(door: Server, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const close = (): void => {
      door.close(() => resolve());
      door.closeAllConnections();
    };
    door.on('error', close);
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
  });
}

function answerTo(asked: IncomingMessage, answer: ServerResponse, { id, ui, signal }: UiDoorOptions): void {
  answer.setHeader('server', nameOf(id));
  asked.on('error', () => {});
  answer.on('error', () => {});
  const refusal = foreignRequest(asked);
  const to = ui();
  if (refusal !== undefined) say(answer, 403, `Temporal UI: ${refusal}`);
  else if (to === undefined) say(answer, 503, 'Temporal UI: the server does not run now');
  else pass(asked, answer, to, signal);
}

function pass(asked: IncomingMessage, answer: ServerResponse, to: UiAddress, signal: AbortSignal): void {
  const passed = request({
    ...to,
    // Each on a connection of its own: nothing of one request is ever taken for a part of another.
    agent: false,
    method: asked.method ?? 'GET',
    path: asked.url ?? '/',
    headers: withoutHops(asked.headers),
    signal,
  });
  passed.on('error', (error) => {
    if (answer.headersSent) answer.destroy();
    else say(answer, 502, `Temporal UI: ${error.message}`);
  });
  passed.on('response', (got) => {
    got.on('error', () => answer.destroy());
    // No other page shows it in a frame, where clicks could be led astray.
    const ours = { ...answer.getHeaders(), 'x-frame-options': 'DENY' };
    const headers = { ...withoutHops(got.headers), ...ours };
    answer.writeHead(got.statusCode ?? 502, headers);
    got.pipe(answer);
  });
  answer.on('close', () => passed.destroy());
  asked.pipe(passed);
}

function withoutHops<Headers extends object>(headers: Headers): Partial<Headers> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)),
  ) as Partial<Headers>;
}

function say(answer: ServerResponse, status: number, text: string): void {
  const type = 'text/plain; charset=utf-8';
  answer.writeHead(status, { 'content-type': type, connection: 'close' });
  answer.end(`${text}\n`);
}
