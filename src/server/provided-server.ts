import { accessSync, constants, mkdirSync } from 'node:fs';
import type { Config } from '../config.ts';
import { refused } from '../domain/failure/command-failure.ts';
import { errorCode } from '../domain/failure/store-failure.ts';
import { type ConnectionSettings, settingsForAddress } from '../temporal/connection.ts';
import { ensureEmbeddedServer } from './embedded-server.ts';
import { readState, serverFate, serverFiles } from './server-state.ts';

/** An embedded server in use by this command. */
export interface ProvidedServer {
  readonly settings: ConnectionSettings;
  /** Origin of the UI. */
  readonly ui: string;
  /** Stands for this host's embedded server, also when it has to begin with another database. */
  readonly home: string;
  /** Stops it with its last user; harmless to call twice. */
  readonly release: () => Promise<void>;
}

/** The embedded server, started if need be, and started again when it dies for as long as this command uses it. */
export async function provideEmbeddedServer(options: {
  readonly config: Config;
  readonly onProgress: (line: string) => void;
}): Promise<ProvidedServer> {
  const { config, onProgress } = options;
  demandStateFolder(config.stateDir);
  const server = await ensureEmbeddedServer({ config, onLine: onProgress });
  server.supervise();
  return {
    settings: settingsForAddress(server.address, server.namespace),
    ui: server.uiAddress,
    home: server.home,
    release: async () => {
      await server.release();
    },
  };
}

/** The server's database lies there: a folder of the user's own, never the dataset's. */
function demandStateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw refused(
      `state folder [${folder}]: expected one that can be written to, got ${errorCode(error) ?? String(error)}; ` +
        'name another with XDG_STATE_HOME',
    );
  }
}

/** The embedded server if another command runs it. */
export async function findEmbeddedServer(config: Config): Promise<ProvidedServer | undefined> {
  const files = serverFiles(config.stateDir);
  const state = readState(files);
  if (state === undefined || (await serverFate(files, state)) === 'gone') return undefined;
  const server = await ensureEmbeddedServer({ config, onLine: () => {} });
  return {
    settings: settingsForAddress(server.address, server.namespace),
    ui: server.uiAddress,
    home: server.home,
    release: async () => {
      await server.release();
    },
  };
}
