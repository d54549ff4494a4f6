import type { Config } from '../config.ts';
import { type ExitCode, exitCodes } from '../domain/failure/exit-code.ts';
import { ensureEmbeddedServer } from './embedded-server.ts';
import { provideExecutable } from './executable.ts';

/** `ffhq server [--port N] [--ui-port N] [--prepare]`. */
export interface ServerOptions {
  readonly config: Config;
  /** `--port`: instead of the configured one. */
  readonly port?: number | undefined;
  /** `--ui-port`: instead of the configured one. */
  readonly uiPort?: number | undefined;
  /** `--prepare`: only find, download or build the server's executable. */
  readonly prepare?: boolean | undefined;
  /** Lines for standard output. */
  readonly print: (line: string) => void;
  /** Lines for standard error: what happens and what failed. */
  readonly onLine: (line: string) => void;
  /** Ends the command as Ctrl-C does. */
  readonly signal?: AbortSignal | undefined;
}

/** Keeps the embedded server running in the foreground until Ctrl-C, SIGTERM or a closed terminal. */
export async function runServer(options: ServerOptions): Promise<ExitCode> {
  const { print, onLine } = options;
  const config: Config = {
    ...options.config,
    serverPort: options.port ?? options.config.serverPort,
    uiPort: options.uiPort ?? options.config.uiPort,
  };
  if (options.prepare) {
    const { path, cliVersion, serverVersion } = await provideExecutable({ config, onLine });
    print(`Temporal CLI ${cliVersion} (server ${serverVersion}): ${path}`);
    return exitCodes.complete;
  }
  const end = untilEnd(options.signal);
  try {
    const server = await ensureEmbeddedServer({ config, onLine });
    server.supervise();
    try {
      if (!server.startedHere) print('The embedded server already runs; it is kept running from here.');
      print(
        `Temporal server  ${server.address} (namespace ${server.namespace}, version ${server.serverVersion})`,
      );
      print(`Temporal UI      ${server.uiAddress}`);
      print(`Database         ${server.database}`);
      print(`Log              ${server.logFile}`);
      print('Other commands of this user find it by themselves; elsewhere give them');
      print(`  TEMPORAL_ADDRESS=${server.address}`);
      print('Ctrl-C stops it, unless another command still uses it.');
      await end.reached;
    } finally {
      const { stopped } = await server.release();
      print(
        stopped
          ? 'The server is stopped.'
          : 'The server goes on: another command uses it and stops it, or another container runs it.',
      );
    }
    return exitCodes.complete;
  } finally {
    end.forget();
  }
}

/** From here on, a signal waits for the command to be ready to end, instead of ending it half started. */
function untilEnd(signal: AbortSignal | undefined): { reached: Promise<void>; forget: () => void } {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let end = (): void => {};
  const reached = new Promise<void>((resolve) => {
    // The promise alone does not keep a process running, and the server's own process does not either.
    const alive = setInterval(() => {}, 60_000);
    end = () => {
      clearInterval(alive);
      resolve();
    };
  });
  for (const name of names) process.on(name, end);
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted) end();
  return {
    reached,
    forget: () => {
      end();
      for (const name of names) process.off(name, end);
      signal?.removeEventListener('abort', end);
    },
  };
}
