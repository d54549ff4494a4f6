import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { Connection } from '@temporalio/client';
import { channelOptions } from '../temporal/channel-args.ts';
import { forgetBeginning, noteOf } from './unfinished-database.ts';

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
    // The server leaves that to the operating system; with the note its tables are there to stay.
    for (const made of [`${database}-wal`, database]) syncIfThere(made);
    writeFileSync(note, clusterId, { mode: 0o600, flush: true });
    // It has all tables now, whatever becomes of that note.
    forgetBeginning(database);
    return true;
  }
  return false;
}

function syncIfThere(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
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
