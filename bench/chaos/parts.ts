import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readState, serverFiles } from '../../src/server/server-state.ts';
import type { Target } from './faults.ts';

/** What all programs of a round have in common. */
export interface PartsOptions {
  /** For state, settings and logs; none of the datasets lies here. */
  readonly folder: string;
  /** Words before every program: the network that it is in. */
  readonly prefix: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What else those whose clock may jump are given. */
  readonly clockEnv: Readonly<Record<string, string>>;
}

/** A program that is started again for as long as it is wanted, as an init system does it. */
interface Kept {
  readonly words: readonly string[];
  child: ChildProcess | undefined;
}

const AGAIN_MS = 300;

/** Server, worker and command as processes of their own, in a group each. */
export class Parts {
  readonly #options: PartsOptions;
  readonly #kept = new Map<string, Kept>();
  #command: ChildProcess | undefined;
  #ending = false;
  /** When something was last started, as `performance.now` has it. */
  startedAt = 0;

  constructor(options: PartsOptions) {
    this.#options = options;
  }

  /** Starts a program, and again whenever it ends. */
  keep(name: string, words: readonly string[], hasClock: boolean): void {
    const kept: Kept = { words, child: undefined };
    this.#kept.set(name, kept);
    const start = (): void => {
      if (this.#ending) return;
      kept.child = this.#spawn(name, words, hasClock);
      kept.child.once('exit', () => setTimeout(start, AGAIN_MS));
    };
    start();
  }

  /** Gives a command and waits for its end; killed: its signal. */
  async give(name: string, words: readonly string[], cwd: string): Promise<number | NodeJS.Signals> {
    const child = this.#spawn(name, words, true, cwd);
    if (name === 'command') this.#command = child;
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
    });
  }

  #spawn(
    name: string,
    words: readonly string[],
    hasClock: boolean,
    cwd = this.#options.folder,
  ): ChildProcess {
    const { folder, prefix, env, clockEnv } = this.#options;
    const log = openSync(join(folder, `${name}.log`), 'a');
    try {
      const [program = '', ...rest] = [...prefix, process.execPath, ...words];
      const child = spawn(program, rest, {
        cwd,
        env: { ...env, ...(hasClock ? clockEnv : {}) },
        detached: true,
        stdio: ['ignore', log, log],
      });
      child.once('error', () => {});
      this.startedAt = performance.now();
      return child;
    } finally {
      closeSync(log);
    }
  }

  /** The processes that a fault of this target meets, as far as they run. */
  pidsOf(target: Target): number[] {
    switch (target) {
      case 'all':
        return this.everyone();
      case 'server':
        return [readState(serverFiles(join(this.#options.folder, 'state/ffhq')))?.process.pid].filter(
          (pid) => pid !== undefined && this.everyone().includes(pid),
        ) as number[];
      case 'worker':
        return [this.#kept.get('worker')?.child].flatMap(pidOf);
      case 'command':
        return [this.#command].flatMap(pidOf);
      default:
        return target satisfies never;
    }
  }

  /** Every process that has this round's state folder in its environment. */
  everyone(): number[] {
    const mark = `XDG_STATE_HOME=${this.#options.env.XDG_STATE_HOME}`;
    return readdirSync('/proc').flatMap((name) => {
      if (!/^\d+$/.test(name)) return [];
      try {
        if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(mark)) return [];
        return /^\S+ \(.*\) [ZX]/.test(readFileSync(`/proc/${name}/stat`, 'utf8')) ? [] : [Number(name)];
      } catch {
        return [];
      }
    });
  }

  /** SIGKILL to whatever is left; returns when nothing of it runs. */
  async end(): Promise<void> {
    this.#ending = true;
    for (let left = this.everyone(); left.length > 0; left = this.everyone()) {
      for (const pid of left) send(pid, 'SIGKILL');
      await sleep(50);
    }
  }
}

function pidOf(child: ChildProcess | undefined): number[] {
  const runs = child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return runs && child.pid !== undefined ? [child.pid] : [];
}

/** To one process; one that has ended meanwhile hears nothing. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
