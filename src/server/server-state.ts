import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fate, fateOf, type ProcessRef, parseProcessRef } from '../process/process-ref.ts';
import { holdSocket, probeSocket, type SocketHold } from '../process/socket-hold.ts';
import { demandOwnState, type HostFolder, hostFolderOf, type Machine, thisMachine } from './state-folder.ts';
import { parseUiAddress, type UiAddress } from './ui/ui-address.ts';

/** The embedded server that runs, as every command of this user sees it. */
export interface ServerState {
  readonly process: ProcessRef;
  /** Name of the socket that the server's process has open: tells other containers that it lives. */
  readonly socket: string;
  /** The database's cluster id, by which its server is known; empty until the server has answered. */
  readonly clusterId: string;
  readonly port: number;
  /** Of the door to the UI, or of the UI itself where an older version started it. */
  readonly uiPort: number;
  readonly ui?: UiAddress | undefined;
  readonly serverVersion: string;
  readonly database: string;
  /** What it was started from, so that it is started again from the same. */
  readonly executable: string;
}

/** Names below this host's part of the state folder. All of it is read and written under the lock. */
export interface ServerFiles extends HostFolder {
  /** As the settings name it. */
  readonly stateDir: string;
  readonly lock: string;
  readonly state: string;
  readonly users: string;
  readonly log: string;
  /** Stands for this host's embedded server, whichever database it has: one at a time, by the lock. */
  readonly home: string;
}

/**
 * Where the embedded server of a state folder keeps what it needs on this host. Throws a refusal where others than its user
 * can have written there.
 */
export function serverFiles(stateDir: string, machine: Machine = thisMachine): ServerFiles {
  const host = hostFolderOf(stateDir, machine);
  demandOwnState(stateDir, host);
  const { folder } = host;
  return {
    ...host,
    stateDir,
    lock: join(folder, 'server.lock'),
    state: join(folder, 'server.json'),
    users: join(folder, 'server-users'),
    log: join(folder, 'server.log'),
    home: createHash('sha256').update(`${machine.hostId} ${folder}`).digest('hex').slice(0, 16),
  };
}

/** The database is named with the server's version: there is no migration from one to another. */
export function databaseFile(files: ServerFiles, serverVersion: string): string {
  return join(files.folder, `temporal-${serverVersion}.db`);
}

/** Databases of other versions of the server, which this one cannot read. */
export function otherDatabases(files: ServerFiles, serverVersion: string): readonly string[] {
  const mine = databaseFile(files, serverVersion);
  return namesIn(files.folder)
    .filter((name) => /^temporal-.+\.db$/.test(name))
    .map((name) => join(files.folder, name))
    .filter((file) => file !== mine);
}

/** Undefined when there is none, or none that can be read. */
export function readState(files: ServerFiles): ServerState | undefined {
  const value = readJson(files.state);
  if (typeof value !== 'object' || value === null) return undefined;
  const { process, socket, clusterId, port, uiPort, ui, serverVersion, database, executable } =
    value as Record<string, unknown>;
  const ref = parseProcessRef(process);
  if (!ref || typeof port !== 'number' || typeof uiPort !== 'number') return undefined;
  if (typeof serverVersion !== 'string' || typeof database !== 'string') return undefined;
  if (typeof executable !== 'string' || typeof clusterId !== 'string') return undefined;
  if (typeof socket !== 'string' || !/^server-[0-9a-f]+\.sock$/.test(socket)) return undefined;
  return {
    ...{ process: ref, socket, clusterId, port, uiPort, serverVersion, database, executable },
    ui: parseUiAddress(ui),
  };
}

export function writeState(files: ServerFiles, state: ServerState): void {
  const draft = `${files.state}.new`;
  writeFileSync(draft, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, files.state);
}

export function removeState(files: ServerFiles): void {
  rmSync(files.state, { force: true });
  removeServerSockets(files);
}

/** A socket for the server's process to have open; those of servers before it are removed. */
export async function holdServerSocket(files: ServerFiles): Promise<{ name: string; hold: SocketHold }> {
  removeServerSockets(files);
  const name = `server-${randomBytes(6).toString('hex')}.sock`;
  return { name, hold: await holdSocket(join(files.folder, name)) };
}

function removeServerSockets(files: ServerFiles): void {
  for (const name of namesIn(files.folder)) {
    if (/^server-[0-9a-f]+\.sock~?$/.test(name)) rmSync(join(files.folder, name), { force: true });
  }
}

/**
 * What became of the server: by its pid where that says something here, else by the socket that it has open. `unknown`
 * is to be treated as alive.
 */
export async function serverFate(files: ServerFiles, { process, socket }: ServerState): Promise<Fate> {
  const byPid = fateOf(process);
  if (byPid !== 'unknown') return byPid;
  const state = await probeSocket(join(files.folder, socket));
  return state === 'held' ? 'alive' : state === 'free' ? 'gone' : 'unknown';
}

/** Enters this process as a user of the server, until it leaves or dies. */
export function addUser(files: ServerFiles): Promise<SocketHold> {
  mkdirSync(files.users, { recursive: true, mode: 0o700 });
  return holdSocket(join(files.users, `${randomBytes(6).toString('hex')}.sock`));
}

/** How many users live, in whatever container; entries of dead ones are removed. */
export async function livingUsers(files: ServerFiles): Promise<number> {
  let living = 0;
  for (const name of namesIn(files.users)) {
    const path = join(files.users, name);
    if ((await probeSocket(path)) === 'free') rmSync(path, { force: true });
    else living += 1;
  }
  return living;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
