import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { refused } from '../domain/failure/command-failure.ts';
import { withLock } from '../process/owned-lock.ts';
import { fateOf } from '../process/process-ref.ts';
import type { SocketHold } from '../process/socket-hold.ts';
import { provideExecutable } from './executable.ts';
import { freePort } from './free-port.ts';
import { launchServer, ServerStartError, stopProcess } from './launch-server.ts';
import type { Executable } from './look-for-executable.ts';
import { prepareNamespace } from './prepare-namespace.ts';
import {
  addUser,
  databaseFile,
  livingUsers,
  otherDatabases,
  readState,
  removeState,
  type ServerFiles,
  type ServerState,
  serverFate,
  serverFiles,
} from './server-state.ts';
import { adoptOlderDatabases, type Machine, makeHostFolder, thisMachine } from './state-folder.ts';
import { superviseServer } from './supervise-server.ts';
import { keepUiDoor, whoIsAt } from './ui/ui-door.ts';
import { clusterAt } from './which-server.ts';

export interface EmbeddedServerOptions {
  readonly config: Pick<Config, 'temporalCliPath' | 'cacheDir' | 'stateDir' | 'serverPort' | 'uiPort'>;
  /** What happens, in lines for a person. */
  readonly onLine: (line: string) => void;
  /** @default default */
  readonly namespace?: string;
  /** @default this one */
  readonly machine?: Machine;
}

/** The project's own server, as one of the commands that use it holds it. */
export interface EmbeddedServer {
  readonly address: string;
  readonly namespace: string;
  readonly uiAddress: string;
  readonly database: string;
  /** Stays the same when the server has to begin with another database. */
  readonly home: string;
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
/** One of another container answers at once, or cannot be reached. */
const ELSEWHERE_MS = 5_000;
const POLL_MS = 50;
const START_ATTEMPTS = 3;

/** Uses the embedded server that already runs, or starts one; two commands at once get the same. */
export async function ensureEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { config, onLine, machine = thisMachine } = options;
  const namespace = options.namespace ?? 'default';
  const files = serverFiles(config.stateDir, machine);
  makeHostFolder(files, machine);

  const running = await locked(files, onLine, async () => {
    const state = await findRunning(files, onLine);
    return state && { state, user: await addUser(files), startedHere: false };
  });
  if (running) return prepared(files, options, namespace, running);

  // Outside of the lock: a build takes minutes, and others need no executable to use a server that runs.
  const executable = await provideExecutable({ config, onLine, machine });
  const got = await locked(files, onLine, async () => {
    // Read before a server that does not answer is stopped: those who use it know it by its ports.
    const used = (await livingUsers(files)) > 0 ? readState(files) : undefined;
    const state = await findRunning(files, onLine);
    if (state) return { state, user: await addUser(files), startedHere: false };
    adoptOlderDatabases(config.stateDir, files.folder);
    sayWhere(files, executable, onLine);
    const started = await start(files, executable, options, namespace, used ?? ports(options));
    return { state: started, user: await addUser(files), startedHere: true };
  });
  return prepared(files, options, namespace, got);
}

function locked<T>(files: ServerFiles, onLine: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const onWait = (pid: number): void =>
    onLine(`process ${pid} is starting or stopping the embedded server: waiting`);
  return withLock(files.lock, { onWait, waitMs: 2 * 60_000 }, work);
}

/** Once for each start: that the files lie elsewhere than one expects, or that the database is a new one. */
function sayWhere(
  files: ServerFiles,
  { serverVersion }: Pick<Executable, 'serverVersion'>,
  onLine: (line: string) => void,
): void {
  if (files.unfit !== undefined) {
    onLine(
      `state folder [${files.stateDir}]: it lies on ${files.unfit}, where the server's database is not safe; ` +
        `${files.folder} is used instead`,
    );
  }
  const others = otherDatabases(files, serverVersion);
  if (others.length > 0 && !existsSync(databaseFile(files, serverVersion))) {
    onLine(
      `server ${serverVersion} begins with a new database; runs of another version stay in ${others.join(', ')}, ` +
        'and the same command goes on from what is on the disk',
    );
  }
}

/** The server of the state file if it runs and answers; one that does not is stopped, so that none is left behind. */
async function findRunning(
  files: ServerFiles,
  onLine: (line: string) => void,
): Promise<ServerState | undefined> {
  const state = readState(files);
  const users = await livingUsers(files);
  if (!state) return undefined;
  const isHere = fateOf(state.process) !== 'unknown';
  const deadline = performance.now() + (isHere ? ANSWER_MS : ELSEWHERE_MS);
  while ((await serverFate(files, state)) !== 'gone') {
    // By its cluster id: whatever else may answer at that port by now is not ours.
    if ((await clusterAt(state.port)) === state.clusterId) {
      if (users === 0) onLine('taking over the embedded server that an ended command left behind');
      return state;
    }
    if (performance.now() < deadline) {
      await sleep(POLL_MS);
      continue;
    }
    if (!isHere) throw unreachable(files, state);
    onLine(
      `embedded server [pid=${state.process.pid}]: no answer in ${ANSWER_MS / 1000} s, so it is stopped`,
    );
    await stopProcess(state.process);
  }
  return undefined;
}

/** It runs, so no second one may open its database; nor may it be stopped by a pid that means another process here. */
function unreachable(files: ServerFiles, { port }: ServerState) {
  return refused(
    `embedded server [folder=${files.folder}]: expected to reach the one that another container of this host runs at its ` +
      `127.0.0.1:${port}, got no answer; let both share the network, or give this one a state folder of its own with ` +
      'XDG_STATE_HOME',
  );
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
    // A worker that outlived the last server keeps the door there, and leads on to the next one.
    const isDoor = (await whoIsAt({ port: wanted.uiPort, id: doorIdOf(files) })) === 'door';
    const uiPort = isDoor ? wanted.uiPort : await freePort(wanted.uiPort, [port]);
    if (port !== wanted.port) {
      onLine(`port ${wanted.port} is taken: the embedded server listens at ${port}`);
    }
    if (uiPort !== wanted.uiPort) onLine(`port ${wanted.uiPort} is taken: the UI listens at ${uiPort}`);
    const { path, serverVersion } = executable;
    try {
      return await launchServer({ files, executable: path, serverVersion, namespace, port, uiPort, onLine });
    } catch (error) {
      if (!(error instanceof ServerStartError) || !error.mayStartAgain || attempt === START_ATTEMPTS)
        throw error;
    }
  }
}

/** The same for all commands of one server, and of no other. */
function doorIdOf({ folder }: ServerFiles): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 12);
}

interface Use {
  readonly state: ServerState;
  readonly user: SocketHold;
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
  let supervision = Promise.resolve();
  // Whoever uses the server keeps the door to its UI, so that it is there as long as the server.
  const door = keepUiDoor({
    port: state.uiPort,
    id: doorIdOf(files),
    ui: () => readState(files)?.ui,
    onTaken: () =>
      onLine(`port ${state.uiPort} is another program's by now: the UI is not there until that program ends`),
    signal: ended.signal,
  });
  const server: EmbeddedServer = {
    address,
    namespace,
    uiAddress: `http://127.0.0.1:${state.uiPort}`,
    database: state.database,
    home: files.home,
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
            if (now && (await serverFate(files, now)) !== 'gone') return;
            const { executable, serverVersion, port, uiPort } = state;
            await launchServer({ files, executable, serverVersion, namespace, port, uiPort, onLine });
          }),
      });
    },
    release: () => {
      ended.abort();
      release ??= Promise.all([supervision, door]).then(() => leave(files, onLine, use.user));
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
  user: SocketHold,
): Promise<{ readonly stopped: boolean }> {
  return locked(files, onLine, async () => {
    await user.release();
    const state = readState(files);
    if (!state || (await livingUsers(files)) > 0) return { stopped: false };
    // In another container its pid means another process: it ends with that container, or by the next command there.
    if (fateOf(state.process) === 'unknown' && (await serverFate(files, state)) !== 'gone')
      return { stopped: false };
    await stopProcess(state.process);
    removeState(files);
    return { stopped: true };
  });
}
