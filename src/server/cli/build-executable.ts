import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fateOf, parseProcessRef, thisProcess } from '../../process/process-ref.ts';
import { lastLine, runProgram } from '../../process/run-program.ts';
import { putExecutable } from './executable-note.ts';
import { TEMPORAL_CLI_VERSION } from './version.ts';

const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
/** Lines that `go build -v` prints for a clean build of 1.8.2: one for each package. */
const PACKAGES = 1_972;
const BUILD_MS = 40 * 60_000;
const PERCENT_STEP = 5;

/**
 * Builds the pinned CLI with Go, from tools/temporal-cli, and moves it to `target`; returns why it could not, if so.
 * Modules and build cache (3.4 GB) lie beside the target while it runs and are removed then.
 */
export async function buildExecutable(options: {
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
}): Promise<string | undefined> {
  const { target, env, onLine } = options;
  const source = fileURLToPath(new URL('../../../tools/temporal-cli', import.meta.url));
  const go = await runProgram('go', ['version'], { env, timeoutMs: 30_000 });
  if (go.code !== 0) return `no Go: ${lastLine(go)}`;
  const folder = dirname(target);
  removeAbandoned(folder);
  const work = mkdtempSync(join(folder, 'build-'));
  writeFileSync(join(work, 'owner.json'), JSON.stringify(thisProcess()));
  try {
    onLine(`building Temporal CLI ${TEMPORAL_CLI_VERSION} with Go, once: this takes some minutes`);
    const draft = join(work, 'temporal');
    const result = await runProgram(
      'go',
      [
        'build',
        '-mod=readonly',
        // Modules are read-only by default, and so could not be removed afterwards.
        '-modcacherw',
        '-v',
        '-trimpath',
        '-ldflags',
        `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${TEMPORAL_CLI_VERSION}`,
        '-o',
        draft,
        PACKAGE,
      ],
      {
        cwd: source,
        env: {
          ...env,
          CGO_ENABLED: '0',
          // go.sum, with the project, says what each module has to be; no setting of the user's, not of `go env -w` either,
          // names another one. An empty value would not win against those.
          GOFLAGS: '-mod=readonly',
          GOWORK: 'off',
          GOMODCACHE: join(work, 'modules'),
          GOCACHE: join(work, 'cache'),
        },
        timeoutMs: BUILD_MS,
        onLine: progress(onLine),
      },
    );
    if (result.code !== 0) {
      // Go's last line then only says where to read more.
      return /^verifying .*mismatch.*$/m.exec(result.output)?.[0] ?? lastLine(result);
    }
    if (!existsSync(draft)) return 'go build ended well and left no executable';
    await putExecutable(draft, target);
    onLine(`built Temporal CLI ${TEMPORAL_CLI_VERSION} [file=${target}]`);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function progress(onLine: (line: string) => void): (line: string) => void {
  let packages = 0;
  let told = 0;
  let downloading = false;
  return (line) => {
    if (line.startsWith('go: downloading ')) {
      if (!downloading) onLine('building Temporal CLI: downloading its modules');
      downloading = true;
      return;
    }
    // A package's path; everything else that go says has blanks in it.
    if (!/^[\w.~-]+(\/[\w.~-]+)*$/.test(line)) return;
    packages += 1;
    const percent = Math.min(99, Math.floor((100 * packages) / PACKAGES));
    if (percent < told + PERCENT_STEP) return;
    told = percent - (percent % PERCENT_STEP);
    onLine(`building Temporal CLI: ${told} % (${packages} of about ${PACKAGES} packages)`);
  };
}

/** Longer than any build takes. */
const OLD_MS = 24 * 60 * 60_000;

function isOld(folder: string): boolean {
  return Date.now() - statSync(folder).mtimeMs > OLD_MS;
}

/** A build that was killed leaves gigabytes; another host that shares the cache may be at one. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('build-')) continue;
    try {
      const owner = parseProcessRef(JSON.parse(readFileSync(join(folder, name, 'owner.json'), 'utf8')));
      if (owner && fateOf(owner) !== 'gone' && !isOld(join(folder, name))) continue;
    } catch {
      // No owner yet, or none that can be read: the lock is ours, so nobody else is building.
    }
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}
