import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a contestant used: itself, its children, and the processes that `also` names while it runs. */
export interface Measured {
  readonly code: number | null;
  readonly seconds: number;
  /** By a word of the command line. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  /** Highest resident set of each process, in MB, by a word of its command line. */
  readonly peakMb: Readonly<Record<string, number>>;
  readonly output: string;
}

const LOOK_MS = 200;
const TICKS_PER_SECOND = 100;

/** Runs a command to its end and looks at /proc meanwhile: CPU seconds are short by at most one look. */
export async function measure(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly onLine?: (line: string) => void;
    readonly onStart?: (pid: number) => void;
  } = {},
): Promise<Measured> {
  const started = performance.now();
  const child = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  let output = '';
  const collect = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-100_000);
    for (const line of chunk.toString().split('\n')) if (line !== '') options.onLine?.(line);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const cpu = new Map<number, { readonly name: string; readonly seconds: number }>();
  const peakMb: Record<string, number> = {};
  const look = () => {
    for (const pid of familyOf(child.pid ?? 0)) {
      const seen = lookAt(pid);
      if (seen === undefined) continue;
      cpu.set(pid, { name: seen.name, seconds: seen.cpuSeconds });
      peakMb[seen.name] = Math.max(peakMb[seen.name] ?? 0, seen.peakMb);
    }
  };
  const timer = setInterval(look, LOOK_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(timer);
  const cpuSeconds: Record<string, number> = {};
  for (const { name, seconds } of cpu.values()) cpuSeconds[name] = (cpuSeconds[name] ?? 0) + seconds;
  return { code, seconds: (performance.now() - started) / 1000, cpuSeconds, peakMb, output };
}

/**
 * A process and all below it, across process groups and sessions: the embedded server is one of ours. Asked of each
 * process, not of all of /proc: on a machine whose every processor is at work, the looking competes with what it sees.
 */
export function familyOf(root: number): number[] {
  const family = [root];
  for (const pid of family) {
    for (const task of namesIn(`/proc/${pid}/task`)) {
      const children = textOf(`/proc/${pid}/task/${task}/children`) ?? '';
      family.push(...children.split(' ').filter(Boolean).map(Number));
    }
  }
  return family;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Undefined: the process has ended meanwhile. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

export function lookAt(
  pid: number,
): { name: string; cpuSeconds: number; peakMb: number; rssMb: number } | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  const status = textOf(`/proc/${pid}/status`);
  if (stat === undefined || status === undefined) return undefined;
  // From the state on: the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const name = /^Name:\s*(\S+)/m.exec(status)?.[1] ?? String(pid);
  const kib = (field: string) => Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  return { name, cpuSeconds, peakMb: kib('VmHWM') / 1024, rssMb: kib('VmRSS') / 1024 };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] =
    sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}
