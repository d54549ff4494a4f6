import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process of this host that is told apart from a later one with the same pid. */
export interface ProcessRef {
  readonly pid: number;
  /** When it started, in the operating system's own words. */
  readonly start: string;
  /** First 8 digits of the boot's id, or `unknown`. */
  readonly boot: string;
}

const UNKNOWN = 'unknown';

/** First 8 digits of this boot's id; `unknown` where the operating system has none. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
  } catch {
    return UNKNOWN;
  }
}

/** When the process started, or undefined when there is none; one that ended and was not reaped counts as none. */
export function processStart(pid: number): string | undefined {
  return process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
}

function startFromProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the command's name in parentheses and may hold anything, so count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  return state === 'Z' || state === 'X' ? undefined : fields[19];
}

function startFromPs(pid: number): string | undefined {
  try {
    const [state, ...start] = execFileSync('ps', ['-o', 'state=', '-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' },
    })
      .trim()
      .split(/\s+/);
    if (state === undefined || state === '' || state.startsWith('Z')) return undefined;
    const at = Date.parse(`${start.join(' ')} UTC`);
    return Number.isNaN(at) ? UNKNOWN : String(at / 1000);
  } catch {
    return undefined;
  }
}

/** This very process. */
export function thisProcess(): ProcessRef {
  return { pid: process.pid, start: processStart(process.pid) ?? UNKNOWN, boot: bootId() };
}

/** The process that has this pid now, or undefined. */
export function processNow(pid: number): ProcessRef | undefined {
  const start = processStart(pid);
  return start === undefined ? undefined : { pid, start, boot: bootId() };
}

/** Whether exactly this process, not another with its pid, still runs. */
export function isAlive(ref: ProcessRef): boolean {
  return ref.boot === bootId() && processStart(ref.pid) === ref.start;
}

/** Reads what {@link thisProcess} made, after a way through a file. */
export function parseProcessRef(value: unknown): ProcessRef | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, start, boot } = value as Record<string, unknown>;
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1) return undefined;
  return typeof start === 'string' && typeof boot === 'string' ? { pid, start, boot } : undefined;
}
