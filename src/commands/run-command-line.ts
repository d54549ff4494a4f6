import { relative } from 'node:path';
import { CommanderError } from 'commander';
import { SourceRequestError } from '../activities/sources/contract/source-definition.ts';
import { ConfigError, readConfig } from '../config.ts';
import { ManifestError } from '../domain/dataset/manifest.ts';
import { CommandFailure } from '../domain/failure/command-failure.ts';
import type { ExitCode } from '../domain/failure/exit-code.ts';
import { exitCodes } from '../domain/failure/exit-code.ts';
import { StoreError } from '../domain/failure/store-failure.ts';
import { RequestError } from '../domain/network/request-url.ts';
import { spokenAs } from '../domain/words/spoken-as.ts';
import { isServerAway } from '../runs/server-away.ts';
import { ConnectionSettingsError, ServerUnreachableError } from '../temporal/connection.ts';
import type { CommandContext, Verb } from './context/context.ts';
import { listenForInterrupts } from './context/interrupts.ts';
import type { Services } from './context/services.ts';
import { declaredSpelling } from './flags/flag-spelling.ts';
import { folderOfCommand } from './flags/out-folder.ts';
import { explainSwallowed, swallowedFlags } from './flags/swallowed-flags.ts';
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
  readonly stderr: { write(text: string): unknown };
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
      services: line.services,
      spoken,
      interrupt: interrupts.signal,
    };
    exitCode = await verb(context, values, words);
  };
  const program = makeProgram(chosen, line.version, spoken);
  for (const command of [program, ...program.commands]) {
    command.configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    });
  }
  try {
    const flags = longFlagsOf(program);
    const swallowed = swallowedFlags(env, argv, flags);
    if (swallowed.length > 0) {
      const script = env.npm_lifecycle_event ?? '';
      const text = explainSwallowed(script, swallowed, env, argv, valueFlagsOf(program));
      throw new CommandFailure(text, exitCodes.refusedInput);
    }
    await program.parseAsync(declaredSpelling(argv, flags), { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, line);
  } finally {
    interrupts.stop();
  }
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
  const message = error instanceof Error ? error.message : String(error);
  stderr.write(`ffhq: ${message}\n`);
  if (exitCode === exitCodes.internalError && error instanceof Error) {
    for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
      stderr.write(`  because: ${cause.message}\n`);
    }
    if (env.FFHQ_LOG_LEVEL === 'debug') stderr.write(`${error.stack ?? ''}\n`);
  }
  sayError(line, message, exitCode);
  return exitCode;
}

/** The error for programs, on standard output. Looks at the words: the flags may be what could not be read. */
function sayError({ stdout, argv }: CommandLine, message: string, exitCode: ExitCode): void {
  const isJson =
    argv.includes('--output=json') || argv.some((word, at) => word === '--output' && argv[at + 1] === 'json');
  if (!isJson) return;
  stdout.write(`${JSON.stringify({ event: 'error', message, exitCode, at: new Date().toISOString() })}\n`);
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
