import { mkdirSync } from 'node:fs';
import type { Config } from '../config.ts';
import { withLock } from '../process/owned-lock.ts';
import { isAlive } from '../process/process-ref.ts';
import { type Executable, provideExecutable } from './executable.ts';
import { freePort } from './free-port.ts';
import { launchServer, ServerStartError, serves, stopProcess } from './launch-server.ts';
import { prepareNamespace } from './prepare-namespace.ts';
import {
  addUser,
  livingUsers,
  readState,
  removeState,
  removeUser,
  type ServerFiles,
  type ServerState,
  serverFiles,
} from './server-state.ts';
import { superviseServer } from './supervise-server.ts';

export interface EmbeddedServerOptions {
  readonly config: Pick<Config, 'temporalCliPath' | 'cacheDir' | 'stateDir' | 'serverPort' | 'uiPort'>;
  /** What happens, in lines for a person. */
  readonly onLine: (line: string) => void;
  /** @default default */
  readonly namespace?: string;
}

/** The project's own server, as one of the commands that use it holds it. */
export interface EmbeddedServer {
  readonly address: string;
  readonly namespace: string;
  readonly uiAddress: string;
  readonly database: string;
  readonly logFile: string;
  readonly serverVersion: string;
  /** The server's process now: another one after a restart. */
  readonly pid: () => number | undefined;
  /** Whether this call started it, rather than found it running. */
  readonly startedHere: boolean;
  /** Starts the server again, at the same ports, whenever it dies, until released. */
  supervise(): void;
  /** Ends this use; the last living user stops the server. Harmless when called again. */
  release(): Promise<{ readonly stopped: boolean }>;
}

const ANSWER_MS = 15_000;
const PORT_ATTEMPTS = 3;

/** Uses the embedded server that already runs, or starts one; two commands at once get the same. */
export async function ensureEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { config, onLine } = options;
  const namespace = options.namespace ?? 'default';
  const files = serverFiles(config.stateDir);
  mkdirSync(files.folder, { recursive: true, mode: 0o700 });

  const running = await locked(files, onLine, async () => {
    const state = await findRunning(files, onLine);
    return state && { state, user: addUser(files), startedHere: false };
  });
  if (running) return prepared(files, options, namespace, running);

  // Outside of the lock: a build takes minutes, and others need no executable to use a server that runs.
  const executable = await provideExecutable({ config, onLine });
  const got = await locked(files, onLine, async () => {
    // Read before a server that does not answer is stopped: those who use it know it by its ports.
    const used = livingUsers(files).length > 0 ? readState(files) : undefined;
    const state = await findRunning(files, onLine);
    if (state) return { state, user: addUser(files), startedHere: false };
    const started = await start(files, executable, options, namespace, used ?? ports(options));
    return { state: started, user: addUser(files), startedHere: true };
  });
  return prepared(files, options, namespace, got);
}

function locked<T>(files: ServerFiles, onLine: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const onWait = (pid: number): void =>
    onLine(`process ${pid} is starting or stopping the embedded server: waiting`);
  return withLock(files.lock, { onWait, waitMs: 2 * 60_000 }, work);
}

/** The server of the state file if it runs and answers; one that does not is stopped, so that none is left behind. */
async function findRunning(
  files: ServerFiles,
  onLine: (line: string) => void,
): Promise<ServerState | undefined> {
  const state = readState(files);
  const users = livingUsers(files);
  if (!state) return undefined;
  const deadline = performance.now() + ANSWER_MS;
  while (isAlive(state.process)) {
    if (await serves(state.port)) {
      if (users.length === 0) onLine(`taking over the embedded server that an ended command left behind`);
      return state;
    }
    if (performance.now() > deadline) {
      onLine(
        `embedded server [pid=${state.process.pid}]: no answer in ${ANSWER_MS / 1000} s, so it is stopped`,
      );
      await stopProcess(state.process);
    }
  }
  return undefined;
}

function ports(options: EmbeddedServerOptions): Pick<ServerState, 'port' | 'uiPort'> {
  return { port: options.config.serverPort, uiPort: options.config.uiPort };
}

async function start(
  files: ServerFiles,
  executable: Executable,
  options: EmbeddedServerOptions,
  namespace: string,
  wanted: Pick<ServerState, 'port' | 'uiPort'>,
): Promise<ServerState> {
  const { onLine } = options;
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(wanted.port);
    const uiPort = await freePort(wanted.uiPort, [port]);
    if (port !== wanted.port) {
      onLine(`port ${wanted.port} is taken: the embedded server listens at ${port}`);
    }
    if (uiPort !== wanted.uiPort) onLine(`port ${wanted.uiPort} is taken: the UI listens at ${uiPort}`);
    const { path, serverVersion } = executable;
    try {
      return await launchServer({ files, executable: path, serverVersion, namespace, port, uiPort });
    } catch (error) {
      // Somebody may take a port between the look and the start.
      if (!(error instanceof ServerStartError) || !error.portTaken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

interface Use {
  readonly state: ServerState;
  readonly user: string;
  readonly startedHere: boolean;
}

async function prepared(
  files: ServerFiles,
  options: EmbeddedServerOptions,
  namespace: string,
  use: Use,
): Promise<EmbeddedServer> {
  const { state } = use;
  const { onLine } = options;
  const address = `127.0.0.1:${state.port}`;
  const ended = new AbortController();
  let release: Promise<{ readonly stopped: boolean }> | undefined;
  let supervision: Promise<void> = Promise.resolve();
  const server: EmbeddedServer = {
    address,
    namespace,
    uiAddress: `http://127.0.0.1:${state.uiPort}`,
    database: state.database,
    logFile: files.log,
    serverVersion: state.serverVersion,
    pid: () => readState(files)?.process.pid,
    startedHere: use.startedHere,
    supervise: () => {
      if (ended.signal.aborted) return;
      supervision = superviseServer({
        files,
        onLine,
        signal: ended.signal,
        restart: () =>
          locked(files, onLine, async () => {
            const now = readState(files);
            if (now && isAlive(now.process)) return;
            const { executable, serverVersion, port, uiPort } = state;
            await launchServer({ files, executable, serverVersion, namespace, port, uiPort });
          }),
      });
    },
    release: () => {
      ended.abort();
      release ??= supervision.then(() => leave(files, onLine, use.user));
      return release;
    },
  };
  try {
    await prepareNamespace(address, namespace);
    return server;
  } catch (error) {
    await server.release();
    throw error;
  }
}

async function leave(
  files: ServerFiles,
  onLine: (line: string) => void,
  user: string,
): Promise<{ readonly stopped: boolean }> {
  return locked(files, onLine, async () => {
    removeUser(files, user);
    const state = readState(files);
    if (livingUsers(files).length > 0 || !state) return { stopped: false };
    await stopProcess(state.process);
    removeState(files);
    return { stopped: true };
  });
}
