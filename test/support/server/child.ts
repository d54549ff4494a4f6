import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from '../eventually.ts';

export interface Child {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** The first line that matches, now or later. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit code; null: a signal ended it. */
  readonly closed: Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/**
 * Starts a TypeScript program in a process of its own.
 *
 * @param options.ownPids in a PID namespace of its own, as a container has one; all in it ends with the child
 * @param options.ownNetwork in a network namespace too, of which nobody else reaches the loopback
 */
export function startChild(
  program: URL,
  args: readonly string[],
  options: { readonly ownPids?: boolean; readonly ownNetwork?: boolean } = {},
): Child {
  const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const command = [
    ...(options.ownPids ? ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'] : []),
    ...(options.ownNetwork ? ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'] : []),
    ...[process.execPath, '--import', here('typescript.mjs'), fileURLToPath(program), ...args],
  ];
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    process: child,
    lines,
    closed,
    line: (pattern) =>
      eventually(`a line ${pattern} of ${program}`, () => {
        for (const line of lines) {
          const match = pattern.exec(line);
          if (match) return match;
        }
        if (child.exitCode !== null) throw new Error(`${program} ended:\n${lines.join('\n')}`);
        return undefined;
      }),
    kill: (signal) => {
      child.kill(signal);
      return closed;
    },
  };
}
