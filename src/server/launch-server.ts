import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SaysLines } from '../domain/failure/said-lines.ts';
import { isAlive, type ProcessRef, processNow } from '../process/process-ref.ts';
import { searchAttributes } from '../temporal/search-attributes.ts';
import { answers } from './free-port.ts';
import {
  databaseFile,
  holdServerSocket,
  removeState,
  type ServerFiles,
  type ServerState,
  writeState,
} from './server-state.ts';
import { type UiAddress, unknownUiAddress } from './ui/ui-address.ts';
import { prepareDatabase, setAside } from './unfinished-database.ts';
import { clusterAt, isServerOf } from './which-server.ts';

export interface LaunchOptions {
  readonly files: ServerFiles;
  readonly executable: string;
  readonly serverVersion: string;
  readonly namespace: string;
  readonly port: number;
  /** Where the door to the UI is; the UI itself listens where only that door knows. */
  readonly uiPort: number;
  readonly onLine: (line: string) => void;
}

/** The server did not come up, or came up and went; the message ends with its log's last lines. */
export class ServerStartError extends Error implements SaysLines {
  override readonly name = 'ServerStartError';
  /** A port was taken in between, or somebody killed it: the next start may well succeed. */
  readonly mayStartAgain: boolean;

  readonly lines: readonly string[];

  constructor(lines: readonly string[], mayStartAgain: boolean) {
    super(lines.join('\n'));
    this.lines = lines;
    this.mayStartAgain = mayStartAgain;
  }
}

const START_MS = 60_000;
const POLL_MS = 50;
const STOP_MS = 10_000;
const LOG_LINES = 12;

/**
 * The shell waits for a line before it becomes the server. So the pid is in the state file before the database is
 * opened, and a command that is killed in between leaves no server that nobody knows of: the line never comes.
 */
const GATE = 'read -r go && [ "$go" = go ] && exec "$0" "$@" </dev/null';

/** Starts a server in a process group of its own, so that Ctrl-C does not reach it, and waits until it answers. */
export async function launchServer(options: LaunchOptions): Promise<ServerState> {
  const { files, port, uiPort, serverVersion, executable, onLine } = options;
  const database = databaseFile(files, serverVersion);
  const unfinished = prepareDatabase(database);
  if (unfinished !== undefined)
    onLine(
      `the server's database was never finished: a new one begins, and that one is kept as ${unfinished}`,
    );
  const { name: socket, hold } = await holdServerSocket(files);
  const ui = await unknownUiAddress();
  const child = spawnGated(options, ui, database, hold.fd);
  const ended = once(child, 'exit');
  ended.catch(() => {});
  // From here on the child alone has it open.
  await hold.leave();
  const ref = child.pid === undefined ? undefined : processNow(child.pid);
  if (!ref) {
    throw new ServerStartError(['Temporal server: expected /bin/sh to start it, got no process'], false);
  }
  const launched = { process: ref, socket, port, uiPort, ui, serverVersion, database, executable };
  writeState(files, { ...launched, clusterId: '' });
  child.stdin?.end('go\n');
  try {
    const state = { ...launched, clusterId: await untilItAnswers(ref, port, database) };
    writeState(files, state);
    return state;
  } catch (error) {
    // What waits for it alone must not let this process end before its exit is told.
    child.ref();
    const wasKilled = !isAlive(ref) && (await ended)[1] === 'SIGKILL';
    await stopProcess(ref);
    removeState(files);
    const log = lastLines(files.log);
    const said = log.join('\n');
    // The program's own last word; what others say stands behind a time and a level in lines of the log.
    const hasNoTables = existsSync(database) && /^Error: .*SQL logic error: no such table/m.test(said);
    if (hasNoTables)
      onLine(
        `the server's database lacks tables: a new one begins, and that one is kept as ${setAside(database)}`,
      );
    throw new ServerStartError(
      [
        `Temporal server [file=${executable} port=${port}]: ${(error as Error).message}; its log (${files.log}) ends:`,
        ...log,
      ],
      error instanceof ForeignServerError ||
        wasKilled ||
        hasNoTables ||
        /address already in use|can't bind|can't set.*port/i.test(said),
    );
  }
}

/** Another server took the port in the moment after it was seen to be free. */
class ForeignServerError extends Error {
  override readonly name = 'ForeignServerError';
}

function spawnGated(options: LaunchOptions, ui: UiAddress, database: string, socket: number): ChildProcess {
  const { files, executable, port, namespace } = options;
  if (existsSync(files.log)) renameSync(files.log, `${files.log}.1`);
  // Appending, so that a log that grew too large can be emptied under the server.
  const log = openSync(files.log, 'a', 0o600);
  try {
    const args = [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--ui-ip', ui.host],
      ...['--port', String(port), '--ui-port', String(ui.port), '--namespace', namespace],
      ...['--db-filename', database],
      // Any web page can post to its HTTP API, which nobody here uses: no request names this host.
      ...['--dynamic-config-value', 'frontend.httpAllowedHosts=["closed.invalid"]'],
      // How late it may look at a timer, in whose time many of ours are: a second is made for servers with many hosts' clocks.
      ...['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="100ms"'],
      // Durable through a kill of the server; without WAL every commit costs more than twice as much.
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
      // The operating system refuses the file to any other server, whoever starts it, for as long as this one lives.
      ...['--sqlite-pragma', 'locking_mode=EXCLUSIVE'],
      ...searchAttributes.flatMap(({ name, type }) => ['--search-attribute', `${name}=${type}`]),
      ...['--log-level', 'warn'],
    ];
    const child = spawn('/bin/sh', ['-c', GATE, executable, ...args], {
      detached: true,
      stdio: ['pipe', log, log, socket],
      cwd: files.folder,
    });
    child.once('error', () => {});
    child.stdin?.once('error', () => {});
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** Answers the cluster id of its database. */
async function untilItAnswers(ref: ProcessRef, port: number, database: string): Promise<string> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    if (!isAlive(ref)) throw new Error('expected it to run, got its end');
    if (performance.now() > deadline) throw new Error(`expected an answer in ${START_MS / 1000} s, got none`);
    const clusterId = (await answers(port)) ? await clusterAt(port) : undefined;
    if (clusterId !== undefined) {
      if (await isServerOf(database, clusterId)) return clusterId;
      throw new ForeignServerError(`expected its answer, got that of another server (cluster ${clusterId})`);
    }
    await sleep(POLL_MS);
  }
}

/** Stops exactly this process: asked first, killed when that does not help. */
export async function stopProcess(ref: ProcessRef): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isAlive(ref)) return;
    try {
      process.kill(ref.pid, signal);
    } catch {
      return;
    }
    const deadline = performance.now() + STOP_MS;
    while (isAlive(ref) && performance.now() < deadline) await sleep(POLL_MS);
  }
}

function lastLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
  } catch {
    return ['(none)'];
  }
}
