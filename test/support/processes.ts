import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFailed, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { TEMPORAL_CLI_VERSION } from '../../src/server/cli/version.ts';
import { freePort } from '../../src/server/free-port.ts';
import { readState, type ServerState, serverFiles } from '../../src/server/server-state.ts';
import { eventually } from './eventually.ts';

/** How a process ended: one of the two is set. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** One `ffhq` command as a process, the leader of a process group of its own. */
export interface Command {
  readonly pid: number;
  readonly startedAt: number;
  /** Both of its streams so far. */
  output(): string;
  readonly ended: Promise<Ended>;
  /** Waits for words of it, and throws when it ends without them. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** To this one process, as a terminal's Ctrl-C is not: what it started hears nothing. */
  signal(name: NodeJS.Signals): void;
  /** SIGKILL to its whole process group. */
  kill(): Promise<Ended>;
}

/** Ends of commands in these tests, at the latest; the machine may be busy with other tests. */
export const PATIENCE_MS = 120_000;

const project = fileURLToPath(new URL('../..', import.meta.url));

/** One user of a machine: state, cache and settings of its own, ports that nobody uses, and the commands given. */
export class User {
  readonly folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #program: string;
  readonly #commands: Command[] = [];

  private constructor(folder: string, env: Readonly<Record<string, string>>, program: string) {
    this.folder = folder;
    this.#env = env;
    this.#program = program;
  }

  /** Everything that it started is gone after the test, however that ends; `checkout`: whose commands it gives. */
  static async make(env: Readonly<Record<string, string>> = {}, checkout: string = project): Promise<User> {
    const user = await User.forFile(env, checkout);
    onTestFinished(() => user.leave());
    user.tellOnFailure();
    return user;
  }

  /** One for all tests of a file, which calls `leave` after them and `tellOnFailure` in each. */
  static async forFile(
    env: Readonly<Record<string, string>> = {},
    checkout: string = project,
  ): Promise<User> {
    const folder = mkdtempSync(join(tmpdir(), 'ffhq-user-'));
    const real = readConfig(process.env);
    const serverPort = await freePort(somePort());
    const uiPort = await freePort(somePort(), [serverPort]);
    const all = {
      ...inherited(),
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      TEMPORAL_CLI_PATH:
        real.temporalCliPath ?? join(real.cacheDir, 'temporal-cli', TEMPORAL_CLI_VERSION, 'temporal'),
      FFHQ_SERVER_PORT: String(serverPort),
      FFHQ_UI_PORT: String(uiPort),
      ...env,
    };
    return new User(folder, all, join(checkout, 'bin/ffhq.js'));
  }

  /** Prints what the commands from now on say, should this test fail. */
  tellOnFailure(): void {
    const before = this.#commands.length;
    onTestFailed(() => {
      for (const command of this.#commands.slice(before)) console.log(command.output());
    });
  }

  /** Gives a command and does not wait for it. `through`: a program that runs what follows its own words. */
  start(
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
    through: readonly string[] = [],
  ): Command {
    const [file = '', ...all] = [...through, process.execPath, this.#program, ...words];
    const child = spawn(file, all, {
      cwd: this.folder,
      env: { ...this.#env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const command = commandOf(child, words);
    this.#commands.push(command);
    return command;
  }

  /** Gives a command and waits for its end. */
  async run(
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
    through: readonly string[] = [],
  ): Promise<Ended> {
    return within(this.start(words, env, through).ended, `the end of ffhq ${words[0]}`);
  }

  /** The embedded server, if its state file names one. */
  server(): ServerState | undefined {
    return readState(serverFiles(join(this.folder, 'state/ffhq')));
  }

  /** Every process that has this user's state folder in its environment. */
  processes(): number[] {
    return readdirSync('/proc').flatMap((name) => {
      if (!/^\d+$/.test(name)) return [];
      try {
        const env = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
        const isOurs = env.includes(`XDG_STATE_HOME=${join(this.folder, 'state')}`);
        return isOurs && !/^\S+ \(.*\) [ZX]/.test(readFileSync(`/proc/${name}/stat`, 'utf8'))
          ? [Number(name)]
          : [];
      } catch {
        return [];
      }
    });
  }

  /** SIGKILL to commands, their servers, and whatever else they started; returns when nothing of it runs. */
  async killEverything(): Promise<void> {
    await eventually('an end of all processes', () => {
      const left = this.processes();
      for (const pid of left) sendSignal(pid, 'SIGKILL');
      return left.length === 0;
    });
    await Promise.all(this.#commands.map(({ ended }) => ended));
  }

  /** Ends what it started and removes its folder. */
  async leave(): Promise<void> {
    await this.killEverything();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Fails when it takes longer than a busy machine explains. */
export async function within<T>(work: Promise<T>, what: string, ms = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`expected ${what} in ${ms} ms, got none`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function commandOf(child: ChildProcess, words: readonly string[]): Command {
  const { pid } = child;
  if (pid === undefined) throw new Error(`ffhq ${words.join(' ')}: expected a process, got none`);
  let output = `$ ffhq ${words.join(' ')}\n`;
  const hear = (text: Buffer) => {
    output += text;
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  let end: Ended | undefined;
  // `close` waits for the streams too, which a server left behind must not hold open.
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => {
      end = { code, signal, output };
      output += `(ended with ${code ?? signal})\n`;
      resolve(end);
    }),
  );
  return {
    pid,
    startedAt: Date.now(),
    output: () => output,
    ended,
    says: (pattern) =>
      eventually(
        `${pattern} from ffhq ${words[0]}`,
        () => {
          const match = pattern.exec(output);
          if (match === null && end) throw new Error(`expected ${pattern}, got an end:\n${output}`);
          return match ?? undefined;
        },
        PATIENCE_MS,
      ),
    signal: (name) => child.kill(name),
    kill: () => {
      sendSignal(-pid, 'SIGKILL');
      return ended;
    },
  };
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** What the test was started with must not change what a command does. */
function inherited(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(TEMPORAL_|FFHQ_|npm_|INIT_CWD|NODE_OPTIONS|VITEST)/i.test(name),
  );
  return Object.fromEntries(kept) as Record<string, string>;
}

let given = 0;

/** Below the range that the operating system gives to outgoing connections, and different for each test process. */
function somePort(): number {
  given += 1;
  return 10_000 + ((process.pid * 89 + given * 61) % 20_000);
}
