import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy as companies have them: CONNECT for https, whole URLs for http. Every host that it is asked for is this machine. */
export interface HttpProxy {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** What it was asked for: `CONNECT host:port`, `GET http://host/path`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export interface HttpProxyOptions {
  /** `user:password` that it wants; anything else is answered with 407. @default nothing */
  readonly login?: string;
  /** Status of its answer to every CONNECT. @default 200, and the way to the host */
  readonly connectStatus?: number;
  /** Ends the connection at every CONNECT, after these bytes. @default answers */
  readonly connectEndsAfter?: string;
}

export async function startHttpProxy({
  login,
  connectStatus,
  connectEndsAfter,
}: HttpProxyOptions = {}): Promise<HttpProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const isWelcome = ({ headers }: IncomingMessage) =>
    login === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(login).toString('base64')}`;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(`${request.method} ${request.url}`);
    if (!isWelcome(request)) return void response.writeHead(407, { 'content-length': 0 }).end();
    const url = new URL(request.url ?? '');
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onwards = ask({ host: '127.0.0.1', port: url.port, path: url.pathname + url.search, headers });
    onwards.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    onwards.on('error', () => response.writeHead(502).end());
    onwards.end();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    if (connectEndsAfter !== undefined) return void socket.end(connectEndsAfter);
    const status = isWelcome(request) ? (connectStatus ?? 200) : 407;
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    const onwards = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onwards.pipe(socket).pipe(onwards);
    });
    sockets.add(onwards);
    onwards.on('error', () => socket.destroy());
    socket.on('error', () => onwards.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
