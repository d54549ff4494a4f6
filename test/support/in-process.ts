import { Readable, Writable } from 'node:stream';
import type { Services } from '../../src/commands/context/services.ts';
import { realServices } from '../../src/commands/real-services.ts';
import { runCommandLine } from '../../src/commands/run-command-line.ts';

/** What a command is given beside its words. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** @default the root folder */
  readonly cwd?: string;
  /** @default nowhere */
  readonly project?: string;
  /** In place of the real ones. */
  readonly services?: Partial<Services>;
  /** What comes on standard input. @default nothing */
  readonly stdin?: Readable;
  /** Hears what it writes on standard output while it writes. */
  readonly onStdout?: (text: string) => unknown;
}

/** A command line in this very process; answers its exit code and what it wrote. `output`: both streams, in their order. */
export async function giveInProcess(
  argv: readonly string[],
  {
    env = {},
    cwd = '/',
    project = '/nowhere/project',
    services = {},
    stdin = Readable.from([]),
    onStdout,
  }: Surroundings = {},
) {
  const written = { stdout: '', stderr: '', output: '' };
  const write = (stream: 'stdout' | 'stderr', text: string) => {
    written[stream] += text;
    written.output += text;
  };
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      write('stdout', String(chunk));
      onStdout?.(String(chunk));
      done();
    },
  });
  const exitCode = await runCommandLine({
    ...{ argv, env, cwd, project, version: '1.2.3', services: { ...realServices, ...services } },
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: () => stdin as unknown as NodeJS.ReadStream,
    stderr: { write: (text) => write('stderr', text) },
  });
  return { exitCode, ...written };
}
