import { join } from 'node:path';
import type { Config } from '../config.ts';
import { withLock } from '../process/owned-lock.ts';
import { buildExecutable } from './cli/build-executable.ts';
import { type CacheFolder, closeCacheFolder, whyForeign } from './cli/cache-folder.ts';
import { downloadExecutable } from './cli/download-executable.ts';
import { compareWithNote } from './cli/executable-note.ts';
import { releaseArchive } from './cli/release-archive.ts';
import { TEMPORAL_CLI_VERSION } from './cli/version.ts';
import { type Executable, examine, findOnPath, isExecutable } from './look-for-executable.ts';
import { hostFolderOf, type Machine, makeHostFolder, thisMachine } from './state-folder.ts';

export interface ExecutableOptions {
  readonly config: Pick<Config, 'temporalCliPath' | 'cacheDir'>;
  /** One line for each way that failed, and for the progress of a build. */
  readonly onLine: (line: string) => void;
  /** Where PATH is read and what the build inherits. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** @default this one */
  readonly machine?: Machine;
}

/** No way to an executable worked; the message says what to install. */
class ExecutableError extends Error {
  override readonly name = 'ExecutableError';
}

/** A build takes 7 minutes on two cores; another process may be at it. */
const BUILD_WAIT_MS = 45 * 60_000;

/**
 * Finds or makes the executable of the embedded server: TEMPORAL_CLI_PATH, `temporal` on PATH in the pinned version, the
 * cache, the release's download, a build with Go. The first two are the user's own choice, and are asked for their version
 * alone; what lies in the cache is believed where nobody else can have written it, and as it was put there.
 */
export async function provideExecutable(options: ExecutableOptions): Promise<Executable> {
  const { config, onLine, machine = thisMachine } = options;
  const env = options.env ?? process.env;
  if (config.temporalCliPath !== undefined) return namedByUser(config.temporalCliPath, onLine);

  const onPath = findOnPath('temporal', env);
  if (onPath) {
    const found = await examine(onPath);
    if (typeof found !== 'string' && found.cliVersion === TEMPORAL_CLI_VERSION) return found;
    const got = typeof found === 'string' ? found : found.cliVersion;
    onLine(`temporal on PATH [file=${onPath}]: expected version ${TEMPORAL_CLI_VERSION}, got ${got}`);
  } else {
    onLine('temporal on PATH: none');
  }

  const cache = closeCacheFolder(config.cacheDir, ['temporal-cli', TEMPORAL_CLI_VERSION], onLine);
  const cached = join(cache.folder, 'temporal');
  const inCache = await fromCache(cached, cache, onLine);
  if (inCache) return inCache;

  // Of this host: another that shares the cache makes its own at the same time, and the last one stays.
  const host = hostFolderOf(join(config.cacheDir, 'temporal-cli'), machine);
  makeHostFolder(host, machine);
  const lock = {
    waitMs: BUILD_WAIT_MS,
    onWait: (pid: number) => onLine(`process ${pid} is already providing the Temporal CLI: waiting for it`),
  };
  return withLock(join(host.folder, 'lock'), lock, async () => {
    const meanwhile = await fromCache(cached, cache, () => {});
    if (meanwhile) return meanwhile;
    const archive = releaseArchive(process.platform, process.arch);
    const ways = [
      {
        name: "the release's download",
        make: () => downloadExecutable({ target: cached, env, onLine, archive }),
      },
      { name: 'a build with Go', make: () => buildExecutable({ target: cached, env, onLine }) },
    ];
    for (const way of ways) {
      const failure = await way.make();
      const made = failure ?? (await examine(cached));
      if (typeof made !== 'string') return made;
      onLine(`${way.name}: ${made}`);
    }
    throw new ExecutableError(
      `Temporal CLI [version=${TEMPORAL_CLI_VERSION}]: expected one on PATH, in the cache, by download or by a build, ` +
        `got none. Install Temporal CLI ${TEMPORAL_CLI_VERSION} and put it on PATH or name it by TEMPORAL_CLI_PATH, ` +
        'or install Go 1.26.4 or later so that it can be built, or name a running server by TEMPORAL_ADDRESS.',
    );
  });
}

async function namedByUser(path: string, onLine: (line: string) => void): Promise<Executable> {
  const found = await examine(path);
  if (typeof found === 'string') {
    throw new ExecutableError(`TEMPORAL_CLI_PATH [file=${path}]: expected a Temporal CLI, got ${found}`);
  }
  if (found.cliVersion !== TEMPORAL_CLI_VERSION) {
    onLine(
      `TEMPORAL_CLI_PATH [file=${path}]: version ${found.cliVersion} instead of ${TEMPORAL_CLI_VERSION}, used as asked`,
    );
  }
  return found;
}

async function fromCache(
  path: string,
  cache: CacheFolder,
  onLine: (line: string) => void,
): Promise<Executable | undefined> {
  const say = (text: string) => onLine(`Temporal CLI in the cache [file=${path}]: ${text}`);
  if (!isExecutable(path)) {
    say('none');
    return undefined;
  }
  // Before it is run for its version.
  const foreign = whyForeign(path, cache);
  if (foreign !== undefined) {
    say(`expected one that only this user or root can have written, got ${foreign}`);
    return undefined;
  }
  const since = await compareWithNote(path);
  if (since.state === 'changed') {
    say(`expected SHA-256 ${since.noted}, as it was put there, got ${since.got}`);
    return undefined;
  }
  if (since.state === 'new') {
    say(`not checked: its SHA-256 is not known here, and is noted now: ${since.sha256}`);
  }
  const found = await examine(path);
  if (typeof found !== 'string' && found.cliVersion === TEMPORAL_CLI_VERSION) return found;
  const got = typeof found === 'string' ? found : `version ${found.cliVersion}`;
  say(`expected version ${TEMPORAL_CLI_VERSION}, got ${got}`);
  return undefined;
}
