import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../../src/config.ts';
import { TEMPORAL_CLI_VERSION } from '../../../src/server/cli/version.ts';
import { stopProcess } from '../../../src/server/launch-server.ts';
import { readState, serverFiles } from '../../../src/server/server-state.ts';

export interface ServerFolders {
  readonly config: Config;
  readonly folder: string;
  /** Stops a server that is left and removes the folder. */
  remove(): Promise<void>;
}

/** State and cache folders of a test's own, with the executable that the user's cache has. */
export function serverFolders(
  ports: { readonly port?: number; readonly uiPort?: number } = {},
): ServerFolders {
  const folder = mkdtempSync(join(tmpdir(), 'ffhq-server-'));
  const real = readConfig(process.env);
  const config: Config = {
    ...real,
    temporalCliPath:
      real.temporalCliPath ?? join(real.cacheDir, 'temporal-cli', TEMPORAL_CLI_VERSION, 'temporal'),
    cacheDir: join(folder, 'cache'),
    stateDir: join(folder, 'state'),
    // Other tests run at the same time, each with a server of its own.
    serverPort: ports.port ?? somePort(),
    uiPort: ports.uiPort ?? somePort(),
  };
  return {
    config,
    folder,
    remove: async () => {
      const state = readState(serverFiles(config.stateDir));
      if (state) await stopProcess(state.process);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

let given = 0;

/** Below the range that the operating system gives to outgoing connections, and different for each test process. */
function somePort(): number {
  given += 1;
  return 10_000 + ((process.pid * 97 + given * 53) % 20_000);
}
