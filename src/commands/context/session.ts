import { CommandFailure } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import type { RunOwner } from '../../domain/run/run.ts';
import type { Connected, ConnectionFlags, ConnectionSettings } from '../../temporal/connection.ts';
import { connectionSettings } from '../../temporal/connection.ts';
import type { Display } from '../../terminal/display.ts';
import type { CommandContext } from './context.ts';

/** A server in use, for as long as a verb needs it. */
export interface Session {
  readonly connected: Connected;
  readonly settings: ConnectionSettings;
  /** Origin of the server's UI, when it is known. */
  readonly ui: string | undefined;
  readonly embedded: boolean;
  /** Of the embedded server: stays the same when it has to begin with another database. */
  readonly home: string | undefined;
  /** Closes the connection, and stops an embedded server that nobody else uses. */
  readonly close: () => Promise<void>;
}

/**
 * The server that the user configured, or the embedded one.
 *
 * - `without`: `provide` starts the embedded server when it does not run; `refuse` says what to do instead.
 * - `ownServerOnly`: a configured server counts only if it was named by `--address` itself.
 */
export async function openSession(
  context: CommandContext,
  flags: ConnectionFlags,
  display: Display,
  ask: {
    readonly without: 'provide' | 'refuse';
    readonly ownServerOnly?: boolean;
    /** For verbs with one short answer: people need not read which server gave it. */
    readonly quiet?: boolean;
  },
): Promise<Session> {
  const { config, services, env, spoken } = context;
  const say: Display['say'] = (event, lines) => display.say(event, ask.quiet === true ? '' : lines);
  const useConfigured = ask.ownServerOnly !== true || flags.address !== undefined;
  const settings = useConfigured ? connectionSettings(flags, env) : undefined;
  if (settings?.configured) {
    const connected = await services.connectClient(settings, 'give up');
    say(
      { event: 'server', address: settings.address, namespace: settings.namespace, embedded: false },
      `Temporal server: ${settings.address}, namespace ${settings.namespace}`,
    );
    return {
      connected,
      settings,
      ui: config.uiAddress ?? cloudUi(settings.address),
      embedded: false,
      home: undefined,
      close: () => connected.connection.close(),
    };
  }
  const onProgress = (line: string) => say({ event: 'note', text: line }, line);
  const server =
    ask.without === 'provide'
      ? await services.ensureServer({ config, onProgress })
      : await services.findServer(config);
  if (server === undefined) {
    throw new CommandFailure(
      'Temporal server: expected a running one, got none configured and no embedded one running; ' +
        `start one with \`${spoken('server')}\`, or name one with --address or TEMPORAL_ADDRESS`,
      exitCodes.serverUnreachable,
    );
  }
  try {
    const connected = await services.connectClient(server.settings);
    const ui = config.uiAddress ?? server.ui;
    say(
      {
        event: 'server',
        address: server.settings.address,
        namespace: connected.namespace,
        embedded: true,
        ui,
      },
      `Temporal server: ${server.settings.address} (embedded), UI: ${ui}`,
    );
    return {
      connected,
      settings: server.settings,
      ui,
      embedded: true,
      home: server.home,
      close: async () => {
        await connected.connection.close();
        await server.release();
      },
    };
  } catch (error) {
    await server.release();
    throw error;
  }
}

function cloudUi(address: string): string | undefined {
  return /\.(tmprl\.cloud|api\.temporal\.io)(:\d+)?$/.test(address) ? 'https://cloud.temporal.io' : undefined;
}

/** The server, as a folder's owner record names it. */
export function serverOf({ connected, home }: Session): Omit<RunOwner, 'workflowId'> {
  const { clusterId, address, namespace } = connected;
  return { clusterId, address, namespace, ...(home === undefined ? {} : { home }) };
}
