import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly onLine?: (line: string) => void;
}

export interface ProgramResult {
  /** Undefined when it did not start or a signal ended it. */
  readonly code: number | undefined;
  readonly output: string;
}

/** What is kept of a program's output for its error message. */
const KEPT_LINES = 200;

/** Runs a program to its end and gives its last lines; that it could not start, failed or hung is data too. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const take = (line: string): void => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      options.onLine?.(line);
    };
    createInterface({ input: child.stdout }).on('line', take);
    createInterface({ input: child.stderr }).on('line', take);
    const timer = setTimeout(() => {
      take(`no end in ${options.timeoutMs / 1000} s`);
      child.kill('SIGKILL');
    }, options.timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ code: undefined, output: error.message });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? undefined, output: lines.join('\n') });
    });
  });
}

/** The line of a program's output that says most: its last one that is not empty. */
export function lastLine(result: ProgramResult): string {
  const line = result.output
    .split('\n')
    .map((text) => text.trim())
    .findLast((text) => text !== '');
  return line ?? (result.code === undefined ? 'ended by a signal' : `exit code ${result.code}`);
}
