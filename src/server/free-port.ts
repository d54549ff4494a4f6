import { connect, createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';
const STEPS = 50;
const CONNECT_MS = 1_000;

/** The first free port from the wanted one upwards, or any when the next 50 are taken. */
export async function freePort(wanted: number, not: readonly number[] = []): Promise<number> {
  for (let port = wanted; port < Math.min(wanted + STEPS, 65_536); port += 1) {
    if (!not.includes(port) && (await isFree(port))) return port;
  }
  return (await listen(0)) ?? 0;
}

/** Whether nothing answers there and a server could listen: some systems allow the second where the first is not so. */
async function isFree(port: number): Promise<boolean> {
  return !(await answers(port)) && (await listen(port)) !== undefined;
}

/** Whether something on this host accepts connections at the port. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port, timeout: CONNECT_MS });
    const done = (answer: boolean): void => {
      resolve(answer);
      socket.destroy();
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

function listen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
