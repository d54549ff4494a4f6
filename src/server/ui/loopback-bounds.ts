import type { Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';

/** For one request, however slowly it comes. */
const MOST_REQUEST_MS = 10_000;

const MOST_CONNECTIONS = 32;

/** Bounds on who asks a server on the loopback, which every user of the machine reaches: a request has a browser's own headers. */
export const loopbackBounds: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: MOST_REQUEST_MS,
  requestTimeout: MOST_REQUEST_MS,
  // Node's own 30 s are how late it looks at those times.
  connectionsCheckingInterval: 1_000,
};

/** Whoever holds connections open and says nothing must not keep the browser out: the oldest makes room. */
export function makeRoom(server: Server): void {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const [oldest] = open;
    if (open.size > MOST_CONNECTIONS) oldest?.destroy();
  });
}
