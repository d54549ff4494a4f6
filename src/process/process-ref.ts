import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process that is told apart from a later one with the same pid, and from those of other hosts and containers. */
export interface ProcessRef {
  readonly pid: number;
  /** When it started, in the operating system's own words. */
  readonly start: string;
  /** First 8 digits of the boot's id, or `unknown`. */
  readonly boot: string;
  /** {@link hostId} of its host. */
  readonly host: string;
  /** Its PID namespace: a pid of one container means nothing in another. Empty where there are none. */
  readonly space: string;
}

/** What became of a process, as far as this one can know. */
export type Fate = 'alive' | 'gone' | 'unknown';

const UNKNOWN = 'unknown';

/** First 8 digits of this boot's id; `unknown` where the operating system has none. */
export function bootId(): string {
  return firstOf(['/proc/sys/kernel/random/boot_id'])?.slice(0, 8) ?? UNKNOWN;
}

/** The machine's id, which stays over boots; empty where there is none. */
export function machineId(): string {
  return firstOf(['/etc/machine-id', '/var/lib/dbus/machine-id']) ?? '';
}

/**
 * 12 digits that stay the same over boots of this host and differ between hosts: from the machine's id, or where there is
 * none (many container images) from the host's name.
 */
export function hostId(): string {
  const name = machineId() === '' ? `name ${hostname()}` : `machine ${machineId()}`;
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}

/** The PID namespace of this process; empty where the operating system has none. */
export function pidSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
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
  return refOf(process.pid, processStart(process.pid) ?? UNKNOWN);
}

/** The process that has this pid now, or undefined. */
export function processNow(pid: number): ProcessRef | undefined {
  const start = processStart(pid);
  return start === undefined ? undefined : refOf(pid, start);
}

function refOf(pid: number, start: string): ProcessRef {
  return { pid, start, boot: bootId(), host: hostId(), space: pidSpace() };
}

/** `unknown` for processes of other hosts and containers: their pids say nothing here. */
export function fateOf(ref: ProcessRef): Fate {
  if (ref.host !== hostId()) return 'unknown';
  const boot = bootId();
  if (ref.boot !== boot) return ref.boot === UNKNOWN || boot === UNKNOWN ? 'unknown' : 'gone';
  if (ref.space !== pidSpace()) return 'unknown';
  return processStart(ref.pid) === ref.start ? 'alive' : 'gone';
}

/** Whether exactly this process, not another with its pid, surely still runs. */
export function isAlive(ref: ProcessRef): boolean {
  return fateOf(ref) === 'alive';
}

/** Reads what {@link thisProcess} made, after a way through a file. */
export function parseProcessRef(value: unknown): ProcessRef | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, start, boot, host, space } = value as Record<string, unknown>;
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1) return undefined;
  if (typeof start !== 'string' || typeof boot !== 'string') return undefined;
  // Older versions did not say where it runs.
  if (typeof host !== 'string' || typeof space !== 'string')
    return { pid, start, boot, host: UNKNOWN, space: UNKNOWN };
  return { pid, start, boot, host, space };
}

function firstOf(files: readonly string[]): string | undefined {
  for (const file of files) {
    try {
      const text = readFileSync(file, 'utf8').trim();
      if (text !== '') return text;
    } catch {
      // The next one.
    }
  }
  return undefined;
}
