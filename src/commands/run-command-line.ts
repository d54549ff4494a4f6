import { relative } from 'node:path';
import { CommanderError } from 'commander';
import { SourceRequestError } from '../activities/sources/contract/source-definition.ts';
import { ConfigError, readConfig } from '../config.ts';
import { ManifestError } from '../domain/dataset/manifest.ts';
import { CommandFailure } from '../domain/failure/command-failure.ts';
import type { ExitCode } from '../domain/failure/exit-code.ts';
import { exitCodes } from '../domain/failure/exit-code.ts';
import { saidLines } from '../domain/failure/said-lines.ts';
import { StoreError } from '../domain/failure/store-failure.ts';
import { RequestError } from '../domain/network/request-url.ts';
import { spokenAs } from '../domain/words/spoken-as.ts';
import { isServerAway } from '../runs/server-away.ts';
import { ConnectionSettingsError, ServerUnreachableError } from '../temporal/connection.ts';
import { jsonTo, linesTo, type Outlet } from '../terminal/door.ts';
import type { CommandContext, Verb } from './context/context.ts';
import { listenForInterrupts } from './context/interrupts.ts';
import type { Services } from './context/services.ts';
import { declaredSpelling } from './flags/flag-spelling.ts';
import { explainSwallowed, swallowedFlags } from './flags/swallowed-flags.ts';
import { folderOfCommand } from './flags/values/out-folder.ts';
import { longFlagsOf, makeProgram, valueFlagsOf } from './program.ts';

export interface CommandLine {
  /** Without the executable and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The project's own folder. */
  readonly project: string;
  readonly version: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: Outlet;
  readonly stdin: () => NodeJS.ReadStream;
  readonly services: Services;
}

/** Runs one command, from its words to its exit code. The one place that reports errors, on standard error. */
export async function runCommandLine(line: CommandLine): Promise<ExitCode> {
  const { env, argv, stdout, stderr } = line;
  const interrupts = listenForInterrupts();
  const folders = { given: folderOfCommand(line.cwd, line.project, env), project: line.project };
  const isInProject = !relative(folders.project, folders.given).startsWith('..');
  const spoken = spokenAs(folders.project, isInProject);
  let exitCode: ExitCode = exitCodes.complete;
  const chosen = async (verb: Verb, values: Record<string, unknown>, words: readonly string[]) => {
    const context: CommandContext = {
      config: readConfig(env),
      env,
      folders,
      stdout,
      stdin: line.stdin,
      services: line.services,
      version: line.version,
      spoken,
      interrupt: interrupts.signal,
    };
    exitCode = await verb(context, values, words);
  };
  const program = makeProgram(chosen, line.version, spoken);
  for (const command of [program, ...program.commands]) {
    command.configureOutput({
      // Its texts are ours, but for the words of the command line in its errors.
      writeOut: (text) => linesTo(stdout)(linesOf(text)),
      writeErr: (text) => linesTo(stderr)(linesOf(text)),
    });
  }
  try {
    const flags = longFlagsOf(program);
    const swallowed = swallowedFlags(env, argv, flags);
    if (swallowed.length > 0) {
      const script = env.npm_lifecycle_event ?? '';
      const lines = explainSwallowed(script, swallowed, env, argv, valueFlagsOf(program));
      throw new CommandFailure(lines, exitCodes.refusedInput);
    }
    await program.parseAsync(declaredSpelling(argv, flags), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (interrupts.signal.aborted && isAbort(error)) return exitCodes.interrupted;
    return explain(error, line);
  } finally {
    interrupts.stop();
  }
}

/** What a signal ended, and nobody caught: there is nothing to explain. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function explain(error: unknown, line: CommandLine): ExitCode {
  const { stderr, env } = line;
  // Commander has written its message already; asking for help is no error.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.complete;
    sayError(line, error.message.replace(/^error: /, ''), exitCodes.refusedInput);
    return exitCodes.refusedInput;
  }
  const exitCode = exitCodeOf(error);
  const isDefect = exitCode === exitCodes.internalError;
  linesTo(stderr)(errorLines(error, isDefect, env.FFHQ_LOG_LEVEL === 'debug'));
  sayError(line, error instanceof Error ? error.message : String(error), exitCode);
  return exitCode;
}

/** What nobody caught, at the end of the process; Node.js would print it as it is. */
export function sayCrash(stderr: Outlet, error: unknown): void {
  linesTo(stderr)(errorLines(error, true, true));
}

/** What Node.js or a library warns of. */
export function sayWarning(stderr: Outlet, { name, message }: Error): void {
  linesTo(stderr)(`ffhq: ${name}: ${message}`);
}

function errorLines(error: unknown, withCauses: boolean, withFrames: boolean): string[] {
  const [head = '', ...rest] = saidLines(error);
  const lines = [`ffhq: ${head}`, ...rest];
  if (!withCauses || !(error instanceof Error)) return lines;
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    lines.push(`  because: ${cause.message}`);
  }
  return withFrames ? [...lines, ...framesOf(error)] : lines;
}

/** The stack repeats the message, whose line breaks are not ours, before its frames. */
function framesOf({ stack = '', message }: Error): string[] {
  const at = stack.indexOf(message);
  const frames = at === -1 ? stack : stack.slice(at + message.length);
  return frames.split('\n').filter((line) => line !== '');
}

/** Of a text of commander's; a word of the command line stands in quotes and may hold line breaks, the hint stands below. */
function linesOf(text: string): string[] {
  const [, error, hint] = /^(error: [\s\S]*?)(?:\n(\(Did you mean [^\n]*))?\n$/.exec(text) ?? [];
  if (error === undefined) return text.replace(/\n$/, '').split('\n');
  return hint === undefined ? [error] : [error, hint];
}

/** The error for programs, on standard output. Looks at the words: the flags may be what could not be read. */
function sayError({ stdout, argv }: CommandLine, message: string, exitCode: ExitCode): void {
  const isJson =
    argv.includes('--output=json') || argv.some((word, at) => word === '--output' && argv[at + 1] === 'json');
  if (!isJson) return;
  jsonTo(stdout)({ event: 'error', message, exitCode, at: new Date().toISOString() });
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandFailure) return error.exitCode;
  if (error instanceof ServerUnreachableError || isServerAway(error)) return exitCodes.serverUnreachable;
  const isRefusal =
    error instanceof ConfigError ||
    error instanceof SourceRequestError ||
    error instanceof RequestError ||
    error instanceof ConnectionSettingsError ||
    error instanceof StoreError ||
    error instanceof ManifestError;
  return isRefusal ? exitCodes.refusedInput : exitCodes.internalError;
}
