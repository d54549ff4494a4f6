import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTestKeyFile } from '../../support/test-key.ts';
import type { SystemCall } from '../trace/system-calls.ts';
import { runTraced } from '../trace/traced-process.ts';

const program = fileURLToPath(new URL('../../../bin/ffhq.js', import.meta.url));

/** Gives the project's commands to one server, with state and settings of their own. */
export class Ffhq {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #folder: string;
  #traces = 0;

  /** `folder`: for settings, logs and traces. */
  constructor(options: { readonly folder: string; readonly address: string; readonly taskQueue: string }) {
    const { folder, address, taskQueue } = options;
    this.#folder = folder;
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^(TEMPORAL_|FFHQ_|npm_|INIT_CWD|NODE_OPTIONS|VITEST)/i.test(name),
    );
    this.#env = {
      ...Object.fromEntries(kept),
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      // What judges the states knows its own by the same key.
      FFHQ_KEY_FILE: makeTestKeyFile(folder),
      TEMPORAL_ADDRESS: address,
      FFHQ_TASK_QUEUE: taskQueue,
    };
  }

  /** Gives a command, waits for its end, and answers what it did to files; any other exit code than `code` throws. */
  async traced(words: readonly string[], origin: string, code: number): Promise<readonly SystemCall[]> {
    const file = join(this.#folder, `trace-${++this.#traces}`);
    const ended = await runTraced([program, ...words], { ...this.#env, FFHQ_GOOGLE_ORIGIN: origin }, file);
    if (ended.code !== code)
      throw new Error(
        `ffhq ${words.join(' ')}: expected exit code ${code}, got ${ended.code}\n${ended.output}`,
      );
    return ended.calls;
  }

  /** Gives a command; ends it by SIGKILL once `enough` holds, or after `ms`. */
  async run(
    words: readonly string[],
    origin: string,
    { enough, ms }: { readonly enough?: () => boolean; readonly ms: number },
  ): Promise<{ readonly code: number | null; readonly output: string }> {
    const env = { ...this.#env, FFHQ_GOOGLE_ORIGIN: origin };
    const child = spawn(process.execPath, [program, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        output += text;
      });
    const look = setInterval(() => {
      if (enough?.()) child.kill('SIGKILL');
    }, 10);
    const late = setTimeout(() => child.kill('SIGKILL'), ms);
    const code = await new Promise<number | null>((done) => child.once('close', done));
    clearInterval(look);
    clearTimeout(late);
    return { code, output };
  }
}
