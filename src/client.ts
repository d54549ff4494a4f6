import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { realServices } from './commands/real-services.ts';
import { runCommandLine, sayCrash, sayWarning } from './commands/run-command-line.ts';
import { exitCodes } from './domain/failure/exit-code.ts';
import { endProcess } from './process/end-process.ts';
import { flushed } from './terminal/door.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// A reader that went away (`ffhq run | head`) must not end the command before it has cleaned up.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Node.js would print what nobody caught, and its warnings, as they are: a path or a host in them may be anybody's.
process.on('uncaughtException', (error) => {
  sayCrash(process.stderr, error);
  process.exit(exitCodes.internalError);
});
if (process.listenerCount('warning') > 0) {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => sayWarning(process.stderr, warning));
}

const code = await runCommandLine({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  project,
  version,
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: () => process.stdin,
  services: realServices,
});
process.exitCode = code;
// Open handles of libraries must not keep a finished command alive; what was written is out by then.
await flushed(process.stdout);
if (code === exitCodes.interrupted) endProcess(code);
process.exit();
