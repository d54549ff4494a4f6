import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { NativeConnection } from '@temporalio/worker';
import { channelOptions } from './channel-args.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { workerIdentity } from './identity.ts';
import { demandListener, explainUnreachable, ServerUnreachableError } from './server-unreachable.ts';

export {
  type ConnectionFlags,
  type ConnectionSettings,
  ConnectionSettingsError,
  connectionSettings,
  settingsForAddress,
} from './connection-settings.ts';
export { ServerUnreachableError } from './server-unreachable.ts';

/** A connection that was tried, and what is known of the server behind it. */
export interface Connected {
  readonly connection: Connection;
  readonly client: Client;
  readonly namespace: string;
  /** The server's own id: two embedded servers at one address, one after the other, differ in it. */
  readonly clusterId: string;
  readonly address: string;
}

const CONNECT_MS = 10_000;
const CALL_MS = 3_000;
const AGAIN_MS = 250;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;

/**
 * Connects a client; throws {@link ServerUnreachableError} with what was expected and what came.
 *
 * `refused`: a server that is just being started again refuses connections for a moment, and is tried for 10 s; where
 * none is expected to come up, nobody should wait for that answer.
 */
export async function connectClient(
  settings: ConnectionSettings,
  refused: 'try again' | 'give up' = 'try again',
): Promise<Connected> {
  const { address, namespace } = settings;
  if (refused === 'give up') await demandListener(settings);
  let connection: Connection;
  try {
    connection = await Connection.connect({
      ...clientOptions(settings.connectionOptions),
      connectTimeout: CONNECT_MS,
    });
  } catch (error) {
    throw await explainUnreachable(settings, error);
  }
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    // Other refusals are left alone: a server may hide descriptions from those who may well run workflows.
    if (code === NOT_FOUND || code === UNAUTHENTICATED) {
      await connection.close();
      if (code === UNAUTHENTICATED) throw await explainUnreachable(settings, error);
      const expected = `namespace ${namespace} to exist`;
      throw new ServerUnreachableError(address, 'namespace', expected, 'NOT_FOUND', { cause: error });
    }
  }
  let clusterId: string;
  try {
    clusterId = await clusterIdOf(connection, settings);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return {
    connection,
    client: new Client({ connection, namespace, identity: workerIdentity() }),
    namespace,
    clusterId,
    address,
  };
}

/**
 * A folder's owner is known by the server's id, so none is made up for a server that only fails to answer for a moment.
 * A server without that call, or that keeps its id to itself, goes by its address.
 */
async function clusterIdOf(connection: Connection, settings: ConnectionSettings): Promise<string> {
  const { address } = settings;
  const deadline = Date.now() + CONNECT_MS;
  for (;;) {
    try {
      const { workflowService } = connection;
      const info = await connection.withDeadline(Math.min(deadline, Date.now() + CALL_MS), () =>
        workflowService.getClusterInfo({}),
      );
      return info.clusterId || address;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code === UNIMPLEMENTED || code === PERMISSION_DENIED) return address;
      if (code === UNAUTHENTICATED) throw await explainUnreachable(settings, error);
      if (Date.now() + AGAIN_MS >= deadline) {
        const got = `gRPC status ${String(code)} for ${CONNECT_MS / 1000} s`;
        throw new ServerUnreachableError(address, 'no answer', 'the server to say which it is', got, {
          cause: error,
        });
      }
      await sleep(AGAIN_MS);
    }
  }
}

/** Connects a worker; throws {@link ServerUnreachableError} as {@link connectClient} does. */
export async function connectNative(settings: ConnectionSettings): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(settings.connectionOptions);
  } catch (error) {
    throw await explainUnreachable(settings, error);
  }
}

type ClientConnectOptions = NonNullable<Parameters<typeof Connection.connect>[0]>;

function clientOptions(options: NativeConnectionOptions): ClientConnectOptions {
  const { address, tls, apiKey, metadata } = options;
  return {
    ...(address === undefined ? {} : { address, ...channelOptions(address) }),
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    // Binary headers (-bin) are not in the environment's settings.
    ...(metadata === undefined ? {} : { metadata: metadata as Record<string, string> }),
  };
}
