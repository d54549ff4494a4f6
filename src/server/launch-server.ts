import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { isAlive, type ProcessRef, processNow } from '../process/process-ref.ts';
import { channelOptions } from '../temporal/channel-args.ts';
import { searchAttributes } from '../temporal/search-attributes.ts';
import { answers } from './free-port.ts';
import { databaseFile, removeState, type ServerFiles, type ServerState, writeState } from './server-state.ts';

export interface LaunchOptions {
  readonly files: ServerFiles;
  readonly executable: string;
  readonly serverVersion: string;
  readonly namespace: string;
  readonly port: number;
  readonly uiPort: number;
}

/** The server did not come up, or came up and went; the message ends with its log's last lines. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
  readonly portTaken: boolean;

  constructor(message: string, portTaken: boolean) {
    super(message);
    this.portTaken = portTaken;
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
  const { files, port, uiPort, serverVersion, executable } = options;
  const database = databaseFile(files, serverVersion);
  const child = spawnGated(options, database);
  const ref = child.pid === undefined ? undefined : processNow(child.pid);
  if (!ref) {
    throw new ServerStartError('Temporal server: expected /bin/sh to start it, got no process', false);
  }
  const state: ServerState = { process: ref, port, uiPort, serverVersion, database, executable };
  writeState(files, state);
  child.stdin?.end('go\n');
  try {
    await untilItAnswers(state);
    return state;
  } catch (error) {
    await stopProcess(ref);
    removeState(files);
    const log = lastLines(files.log);
    throw new ServerStartError(
      `Temporal server [file=${executable} port=${port}]: ${(error as Error).message}; its log (${files.log}) ends:\n${log}`,
      /address already in use|can't bind|can't set.*port/i.test(log),
    );
  }
}

function spawnGated(options: LaunchOptions, database: string): ChildProcess {
  const { files, executable, port, uiPort, namespace } = options;
  if (existsSync(files.log)) renameSync(files.log, `${files.log}.1`);
  // Appending, so that a log that grew too large can be emptied under the server.
  const log = openSync(files.log, 'a', 0o600);
  try {
    const args = [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--ui-ip', '127.0.0.1'],
      ...['--port', String(port), '--ui-port', String(uiPort), '--namespace', namespace],
      ...['--db-filename', database],
      // Durable through a kill of the server; without WAL every commit costs more than twice as much.
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
      ...searchAttributes.flatMap(({ name, type }) => ['--search-attribute', `${name}=${type}`]),
      ...['--log-level', 'warn'],
    ];
    const child = spawn('/bin/sh', ['-c', GATE, executable, ...args], {
      detached: true,
      stdio: ['pipe', log, log],
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

async function untilItAnswers(state: ServerState): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    if (!isAlive(state.process)) throw new Error('expected it to run, got its end');
    if (performance.now() > deadline) throw new Error(`expected an answer in ${START_MS / 1000} s, got none`);
    if ((await answers(state.port)) && (await serves(state.port))) break;
    await sleep(POLL_MS);
  }
  // Something else may have taken the port in the moment before.
  if (!isAlive(state.process)) throw new Error('expected it to run, got its end');
}

/** Whether a Temporal server answers at the port of this host. */
export async function serves(port: number, patienceMs = 2_000): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    const address = `127.0.0.1:${port}`;
    connection = await Connection.connect({
      address,
      ...channelOptions(address),
      connectTimeout: patienceMs,
    });
    const { workflowService } = connection;
    // `start-dev` always has this one, and describing it needs more of the server to be up than connecting does.
    await connection.withDeadline(Date.now() + patienceMs, () =>
      workflowService.describeNamespace({ namespace: 'default' }),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
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

function lastLines(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
  } catch {
    return '(none)';
  }
}
