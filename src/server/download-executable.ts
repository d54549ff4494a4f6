import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { lastLine, runProgram } from '../process/run-program.ts';
import { TEMPORAL_CLI_VERSION } from './version.ts';

const DOWNLOAD_MS = 10 * 60_000;
/** The executable has 130 MB; an error page has not. */
const SMALLEST_BYTES = 10 * 1024 * 1024;

/**
 * Started in a process of its own: the SDK's Runtime can be set up once in a process, and the one that asks here has its
 * own plans for it. The download cannot be had without the test server that comes after it, whose failure is no matter.
 */
const SCRIPT = `
  const { createRequire } = require('node:module');
  const { TestWorkflowEnvironment } = createRequire(process.argv[1])('@temporalio/testing');
  TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: process.argv[2], version: process.argv[3] } },
  }).then((environment) => environment.teardown()).then(
    () => process.exit(0),
    (error) => { console.error(String(error.message).replace(/\\s+/g, ' ')); process.exit(1); },
  );
`;

/** Lets the SDK download the pinned CLI and moves it to `target`; returns why it could not, if so. */
export async function downloadExecutable(options: {
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
}): Promise<string | undefined> {
  const folder = dirname(options.target);
  mkdirSync(folder, { recursive: true });
  const draft = mkdtempSync(join(folder, 'download-'));
  try {
    const home = createRequire(import.meta.url).resolve('@temporalio/testing');
    const result = await runProgram(
      process.execPath,
      ['-e', SCRIPT, home, draft, `v${TEMPORAL_CLI_VERSION}`],
      { env: options.env, timeoutMs: DOWNLOAD_MS },
    );
    const [file] = readdirSync(draft, { recursive: true, encoding: 'utf8' })
      .map((name) => join(draft, name))
      .filter((path) => {
        const stat = lstatSync(path);
        return stat.isFile() && stat.size > SMALLEST_BYTES;
      });
    if (file === undefined) return lastLine(result);
    chmodSync(file, 0o755);
    renameSync(file, options.target);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
