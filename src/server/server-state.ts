import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type ProcessRef, parseProcessRef, thisProcess } from '../process/process-ref.ts';

/** The embedded server that runs, as every command of this user sees it. */
export interface ServerState {
  readonly process: ProcessRef;
  readonly port: number;
  readonly uiPort: number;
  readonly serverVersion: string;
  readonly database: string;
  /** What it was started from, so that it is started again from the same. */
  readonly executable: string;
}

/** Names below the state folder. All of it is read and written under the lock. */
export interface ServerFiles {
  readonly folder: string;
  readonly lock: string;
  readonly state: string;
  readonly users: string;
  readonly log: string;
}

/** Where the embedded server of a state folder keeps what it needs. */
export function serverFiles(stateDir: string): ServerFiles {
  return {
    folder: stateDir,
    lock: join(stateDir, 'server.lock'),
    state: join(stateDir, 'server.json'),
    users: join(stateDir, 'server-users'),
    log: join(stateDir, 'server.log'),
  };
}

/** The database is named with the server's version: there is no migration from one to another. */
export function databaseFile(files: ServerFiles, serverVersion: string): string {
  return join(files.folder, `temporal-${serverVersion}.db`);
}

/** Undefined when there is none, or none that can be read. */
export function readState(files: ServerFiles): ServerState | undefined {
  const value = readJson(files.state);
  if (typeof value !== 'object' || value === null) return undefined;
  const { process, port, uiPort, serverVersion, database, executable } = value as Record<string, unknown>;
  const ref = parseProcessRef(process);
  if (!ref || typeof port !== 'number' || typeof uiPort !== 'number') return undefined;
  if (typeof serverVersion !== 'string' || typeof database !== 'string') return undefined;
  if (typeof executable !== 'string') return undefined;
  return { process: ref, port, uiPort, serverVersion, database, executable };
}

export function writeState(files: ServerFiles, state: ServerState): void {
  const draft = `${files.state}.new`;
  writeFileSync(draft, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, files.state);
}

export function removeState(files: ServerFiles): void {
  rmSync(files.state, { force: true });
}

/** Enters this process as a user of the server; returns the entry's name. */
export function addUser(files: ServerFiles): string {
  mkdirSync(files.users, { recursive: true, mode: 0o700 });
  const name = `${process.pid}-${randomBytes(6).toString('hex')}.json`;
  writeFileSync(join(files.users, name), JSON.stringify(thisProcess()), { mode: 0o600 });
  return name;
}

export function removeUser(files: ServerFiles, name: string): void {
  rmSync(join(files.users, name), { force: true });
}

/** Living users; entries of dead ones are removed. */
export function livingUsers(files: ServerFiles): readonly ProcessRef[] {
  let names: string[];
  try {
    names = readdirSync(files.users);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const ref = parseProcessRef(readJson(join(files.users, name)));
    if (ref && isAlive(ref)) return [ref];
    removeUser(files, name);
    return [];
  });
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
