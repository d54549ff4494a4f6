import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { realServices } from './commands/real-services.ts';
import { runCommandLine } from './commands/run-command-line.ts';
import { exitCodes } from './domain/failure/exit-code.ts';
import { endProcess } from './process/end-process.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// A reader that went away (`ffhq run | head`) must not end the command before it has cleaned up.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const code = await runCommandLine({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  project,
  version,
  stdout: process.stdout,
  stderr: process.stderr,
  services: realServices,
});
process.exitCode = code;
// Open handles of libraries must not keep a finished command alive; what was written is out by then.
process.stdout.write('', () => {
  if (code === exitCodes.interrupted) endProcess(code);
  process.exit();
});
