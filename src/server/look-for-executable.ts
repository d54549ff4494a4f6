import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Config } from '../config.ts';
import { lastLine, runProgram } from '../process/run-program.ts';
import { TEMPORAL_CLI_VERSION } from './cli/version.ts';

/** An executable of the Temporal CLI that answered. */
export interface Executable {
  readonly path: string;
  readonly cliVersion: string;
  /** Version of the server inside it; names the database file. */
  readonly serverVersion: string;
}

/** Where an executable would be taken from, as far as a look tells. */
export type Seen =
  | { readonly where: 'named' | 'path'; readonly path: string; readonly version: string }
  | { readonly where: 'unusable'; readonly path: string; readonly got: string }
  /** Not asked for its version: whether it may be run is looked at when it is. */
  | { readonly where: 'cache'; readonly path: string }
  /** It would be downloaded or built. */
  | { readonly where: 'nowhere'; readonly go: string | undefined };

/** Milliseconds that an executable may take to say its version; of a look, less than whoever looks waits for. */
const VERSION_MS = 15_000;
const LOOK_MS = 5_000;

/** The ways of `provideExecutable`, without downloading, building, or noting anything. */
export async function lookForExecutable(
  config: Pick<Config, 'temporalCliPath' | 'cacheDir'>,
  env: NodeJS.ProcessEnv,
): Promise<Seen> {
  const { temporalCliPath: named, cacheDir } = config;
  if (named !== undefined) {
    const found = await examine(named, LOOK_MS);
    if (typeof found === 'string') return { where: 'unusable', path: named, got: found };
    return { where: 'named', path: named, version: found.cliVersion };
  }
  const onPath = findOnPath('temporal', env);
  const found = onPath && (await examine(onPath, LOOK_MS));
  if (typeof found === 'object' && found.cliVersion === TEMPORAL_CLI_VERSION) {
    return { where: 'path', path: found.path, version: found.cliVersion };
  }
  const cached = cachedExecutable(cacheDir);
  return isExecutable(cached)
    ? { where: 'cache', path: cached }
    : { where: 'nowhere', go: findOnPath('go', env) };
}

/** Where an executable lies that was downloaded or built. */
function cachedExecutable(cacheDir: string): string {
  return join(cacheDir, 'temporal-cli', TEMPORAL_CLI_VERSION, 'temporal');
}

/** Asks an executable for its version; a text says why it cannot be used. */
export async function examine(path: string, timeoutMs = VERSION_MS): Promise<Executable | string> {
  const result = await runProgram(path, ['--version'], { timeoutMs });
  const [, cliVersion, serverVersion] =
    /temporal version (\d[\w.-]*) \(Server (\d[\w.-]*)/i.exec(result.output) ?? [];
  if (result.code !== 0 || !cliVersion || !serverVersion) return lastLine(result);
  return { path, cliVersion, serverVersion };
}

export function findOnPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return (
    (env.PATH ?? '')
      .split(delimiter)
      // Whatever lies where a command happens to be given is nobody's choice.
      .filter(isAbsolute)
      .map((folder) => join(folder, name))
      .find(isExecutable)
  );
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
