import { createReadStream, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Connection } from '@temporalio/client';
import { channelOptions } from '../temporal/channel-args.ts';

/** The cluster id of the Temporal server that answers at the port of this host; undefined where none does. */
export async function clusterAt(port: number, patienceMs = 2_000): Promise<string | undefined> {
  const address = `127.0.0.1:${port}`;
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({
      address,
      ...channelOptions(address),
      connectTimeout: patienceMs,
    });
    const { workflowService } = connection;
    return await connection.withDeadline(Date.now() + patienceMs, async () => {
      // `start-dev` always has this one, and describing it needs more of the server to be up than connecting does.
      await workflowService.describeNamespace({ namespace: 'default' });
      return (await workflowService.getClusterInfo({})).clusterId || undefined;
    });
  } catch {
    return undefined;
  } finally {
    await connection?.close();
  }
}

/**
 * Whether the server with this cluster id is the one of the database: a foreign one may have taken the port. A server
 * writes its cluster id into its database when it makes it; that it stands there is noted beside it, since later it is
 * one of very many pages.
 */
export async function isServerOf(database: string, clusterId: string): Promise<boolean> {
  const note = noteOf(database);
  if (textOf(note) === clusterId) return true;
  for (const file of [`${database}-wal`, database]) {
    if (!(await holds(file, clusterId))) continue;
    writeFileSync(note, clusterId, { mode: 0o600 });
    return true;
  }
  return false;
}

/**
 * Before a server is started with its database. The server makes all tables in the first moments of the first start, and
 * never looks again whether they are there: what a kill leaves of it then serves no server, and was never asked for a run.
 * It is known by a beginning without a note of its server.
 */
export function prepareDatabase(database: string): void {
  if (existsSync(beginningOf(database)) && !existsSync(noteOf(database))) {
    for (const file of filesOf(database)) rmSync(file, { force: true });
  }
  if (existsSync(database)) return;
  rmSync(noteOf(database), { force: true });
  writeFileSync(beginningOf(database), '', { mode: 0o600, flush: true });
}

/** Before one that was made elsewhere takes its place. */
export function forgetBeginning(database: string): void {
  rmSync(beginningOf(database), { force: true });
}

/** Of a database that lacks tables though its server has answered before, as after a power cut: the next start makes a new one. */
export function setAside(database: string): string {
  const suffix = `.aside-${Date.now()}`;
  for (const file of filesOf(database)) if (existsSync(file)) renameSync(file, `${file}${suffix}`);
  return `${database}${suffix}`;
}

function beginningOf(database: string): string {
  return `${database}.begun`;
}

function filesOf(database: string): readonly string[] {
  return ['', '-wal', '-shm'].map((suffix) => `${database}${suffix}`);
}

function noteOf(database: string): string {
  return `${database}.cluster-id`;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function holds(path: string, text: string): Promise<boolean> {
  let tail = '';
  try {
    for await (const piece of createReadStream(path, { encoding: 'latin1', highWaterMark: 1 << 20 })) {
      if ((tail + piece).includes(text)) return true;
      tail = String(piece).slice(-text.length);
    }
  } catch {
    // Not there.
  }
  return false;
}
