import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { channelOptions } from '../temporal/channel-args.ts';
import {
  addSearchAttributes,
  missingSearchAttributes,
  searchAttributes,
} from '../temporal/search-attributes.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** A closed workflow vanishes after this; the server's own default is one day, less than a run takes. */
const RETENTION_DAYS = 30;
const DEADLINE_MS = 30_000;
const POLL_MS = 100;
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
/** Refused as long as the server does not know one of the names. */
const QUERY = searchAttributes
  .map(({ name, type }) => `${name} = ${type === 'Int' ? '0' : "''"}`)
  .join(' AND ');

/**
 * Gives the embedded server what an older database file may lack: the namespace itself, at least 30 days' retention and
 * the project's search attributes. Returns when all of it can be used.
 */
export async function prepareNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, ...channelOptions(address) });
  try {
    await connection.withDeadline(Date.now() + DEADLINE_MS, async () => {
      await ensureNamespace(connection, namespace);
      // A new namespace, and later its new attributes, reach the server's caches some seconds after they were accepted.
      const missing = await untilKnown(() => missingSearchAttributes(connection, namespace));
      if (missing.length === 0) return;
      await addSearchAttributes(connection, namespace);
      await untilKnown(() => connection.workflowService.countWorkflowExecutions({ namespace, query: QUERY }));
    });
  } finally {
    await connection.close();
  }
}

async function ensureNamespace(connection: Connection, namespace: string): Promise<void> {
  const { workflowService } = connection;
  const wanted = RETENTION_DAYS * DAY_MS;
  try {
    const { config } = await workflowService.describeNamespace({ namespace });
    const kept = config?.workflowExecutionRetentionTtl;
    if (kept && tsToMs(kept) >= wanted) return;
    await workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(wanted) },
    });
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND) throw error;
    await workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(wanted) })
      .catch((refusal: unknown) => {
        if (codeOf(refusal) !== ALREADY_EXISTS) throw refusal;
      });
  }
}

async function untilKnown<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (codeOf(error) !== INVALID_ARGUMENT && codeOf(error) !== NOT_FOUND) throw error;
    }
    await sleep(POLL_MS);
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
