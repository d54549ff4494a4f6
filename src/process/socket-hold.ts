import { closeSync, constants, openSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';

/** A Unix socket at which this process listens. It says to every process on this kernel, also in other containers, that
 * its holder lives: the operating system ends it with the last process that has it, however that one dies. */
export interface SocketHold {
  readonly path: string;
  /** Its file descriptor, for a child that is to hold it too. */
  readonly fd: number;
  /** This process holds it no longer; one that inherited it still does. */
  leave(): Promise<void>;
  /** Leaves it and removes its name. */
  release(): Promise<void>;
}

/** `held`: some process listens there. `free`: none does. `unknown`: this process may not ask. */
export type SocketState = 'held' | 'free' | 'unknown';

/** Bytes of a socket's path that every operating system takes: 104 on macOS, 108 on Linux, a zero among them. */
const LONGEST_PATH = 103;
const PATIENCE_MS = 2_000;

/** Listens at a path where nothing lies yet. It does not keep the process running. */
export async function holdSocket(path: string): Promise<SocketHold> {
  const server = createServer((connection) => connection.on('error', () => {}).destroy());
  // The library unlinks what it bound when it closes it; a child may hold the socket on, so that name is given up first.
  const draft = `${path}~`;
  await withShortPath(draft, (short) => listen(server, short));
  renameSync(draft, path);
  server.unref();
  const leave = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return {
    path,
    fd: descriptorOf(server),
    leave,
    release: async () => {
      rmSync(path, { force: true });
      await leave();
    },
  };
}

/** Whether some process listens there; asks the operating system only, so a stopped or busy holder answers too. */
export function probeSocket(path: string): Promise<SocketState> {
  return withShortPath(
    path,
    (short) =>
      new Promise<SocketState>((resolve) => {
        const socket = connect({ path: short });
        const done = (state: SocketState): void => {
          socket.destroy();
          resolve(state);
        };
        socket.setTimeout(PATIENCE_MS, () => done('unknown'));
        socket.once('connect', () => done('held'));
        socket.once('error', ({ code }: NodeJS.ErrnoException) => {
          // EAGAIN: there is a listener, and its queue is full.
          if (code === 'EAGAIN') done('held');
          else done(code === 'ECONNREFUSED' || code === 'ENOENT' ? 'free' : 'unknown');
        });
      }),
  ).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'free' : 'unknown'));
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => resolve());
  });
}

function descriptorOf(server: Server): number {
  const { _handle } = server as unknown as { readonly _handle: { readonly fd: number } };
  return _handle.fd;
}

/** Linux can name a long path by its open folder. */
async function withShortPath<T>(path: string, use: (path: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(path) <= LONGEST_PATH) return use(path);
  const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await use(join(`/proc/self/fd/${folder}`, basename(path)));
  } finally {
    closeSync(folder);
  }
}
