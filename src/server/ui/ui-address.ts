import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';

/** Where the server's own UI listens; only its door is told. */
export interface UiAddress {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';

/** Of a state file; undefined where it names none of this machine. */
export function parseUiAddress(value: unknown): UiAddress | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { host, port } = value as Record<string, unknown>;
  if (typeof host !== 'string' || !/^127(\.\d{1,3}){3}$/.test(host)) return undefined;
  return typeof port === 'number' ? { host, port } : undefined;
}

/**
 * An address that no web page can guess: any of the 16 million of 127.0.0.0/8, at any free port. Where a system has only
 * 127.0.0.1 of them (macOS), the port alone is to be guessed.
 */
export async function unknownUiAddress(): Promise<UiAddress> {
  const [a = 1, b = 1, c = 1] = randomBytes(3);
  const host = `127.${a}.${b}.${1 + (c % 254)}`;
  const address = (await freeAt(host)) ?? (await freeAt(LOOPBACK));
  if (address === undefined)
    throw new Error(`Temporal UI [host=${LOOPBACK}]: expected a free port, got none`);
  return address;
}

function freeAt(host: string): Promise<UiAddress | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host, port: 0, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      server.close(() => resolve(port === undefined ? undefined : { host, port }));
    });
  });
}
