import { execFileSync, spawnSync } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';

/** The way between the programs and the origin, which can be cut. */
export interface Network {
  /** What the programs know as Google's origin. */
  readonly origin: string;
  /** Words before a program's own that start it where this network is its only one. */
  readonly prefix: readonly string[];
  cut(side: 'near' | 'far'): void;
  mend(): void;
  close(): Promise<void>;
}

/** A network namespace takes rights that not everybody has. */
function mayUnshare(): boolean {
  const name = `ffhq-chaos-may-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name]).status === 0;
  if (made) spawnSync('ip', ['netns', 'delete', name]);
  return made;
}

/**
 * A network namespace of its own, joined by a pair of interfaces to this one; without the right to make it a relay stands
 * in between, which resets what goes through it and refuses what comes.
 */
export async function layNetwork(originPort: number): Promise<Network> {
  return mayUnshare() ? namespace(originPort) : relayOnly(originPort);
}

async function namespace(originPort: number): Promise<Network> {
  const name = `ffhq-chaos-${process.pid}`;
  const third = process.pid % 250;
  const [here, there] = [`10.213.${third}.1`, `10.213.${third}.2`];
  // At most 15 characters.
  const [near, far] = [`fn${process.pid}`, `ff${process.pid}`];
  const ip = (...words: string[]) => execFileSync('ip', words, { stdio: 'pipe' });
  ip('netns', 'add', name);
  ip('link', 'add', far, 'type', 'veth', 'peer', 'name', near, 'netns', name);
  ip('addr', 'add', `${here}/30`, 'dev', far);
  ip('link', 'set', far, 'up');
  ip('-n', name, 'addr', 'add', `${there}/30`, 'dev', near);
  ip('-n', name, 'link', 'set', near, 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  const relay = await openRelay(here, originPort);
  return {
    origin: `http://${here}:${relay.port}`,
    prefix: ['ip', 'netns', 'exec', name],
    cut: (side) => {
      if (side === 'near') ip('-n', name, 'link', 'set', near, 'down');
      else ip('link', 'set', far, 'down');
    },
    mend: () => {
      ip('-n', name, 'link', 'set', near, 'up');
      ip('link', 'set', far, 'up');
    },
    close: async () => {
      await relay.close();
      ip('link', 'delete', far);
      ip('netns', 'delete', name);
    },
  };
}

async function relayOnly(originPort: number): Promise<Network> {
  const relay = await openRelay('127.0.0.1', originPort);
  return {
    origin: `http://127.0.0.1:${relay.port}`,
    prefix: [],
    cut: () => relay.refuse(true),
    mend: () => relay.refuse(false),
    close: relay.close,
  };
}

/** The stand-in listens on the loopback interface alone; this hands through what comes in from another. */
async function openRelay(host: string, to: number) {
  const sockets = new Set<Socket>();
  let refusing = false;
  const hold = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  };
  const server = createServer((client) => {
    hold(client);
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const origin = connect(to, '127.0.0.1');
    hold(origin);
    client.pipe(origin).pipe(client);
    client.once('close', () => origin.destroy());
    origin.once('close', () => client.destroySoon());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    refuse: (now: boolean) => {
      refusing = now;
      if (now) for (const socket of sockets) socket.resetAndDestroy();
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
