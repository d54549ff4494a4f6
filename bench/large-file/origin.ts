import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Asked, Told } from './serve.ts';

/** The process that serves the file, seen from the one that measures. */
export class Origin {
  readonly url: string;
  readonly md5: string;
  readonly #process: ChildProcess;

  private constructor(process_: ChildProcess, url: string, md5: string) {
    this.#process = process_;
    this.url = url;
    this.md5 = md5;
  }

  /** Takes as long as the MD5 of so many bytes. */
  static async start(size: number): Promise<Origin> {
    const serve = fileURLToPath(new URL('serve.ts', import.meta.url));
    const child = fork(serve, [String(size)], { execArgv: ['--import', 'tsx'] });
    const told = await nextOf(child, 'ready');
    return new Origin(child, told.origin, told.md5);
  }

  /** Waits until so many bytes were sent, of all requests since the start. */
  async reached(bytes: number): Promise<void> {
    await this.#ask({ what: 'reached', bytes });
  }

  /** Waits until no request is open any more; answers the bytes that were sent, of all requests since the start. */
  async settled(): Promise<number> {
    return this.#ask({ what: 'settled' });
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }

  async #ask(asked: Asked): Promise<number> {
    const told = nextOf(this.#process, asked.what);
    this.#process.send(asked);
    return (await told).sent;
  }
}

async function nextOf<What extends Told['what']>(
  child: ChildProcess,
  what: What,
): Promise<Extract<Told, { readonly what: What }>> {
  return new Promise((resolve, reject) => {
    const onEnd = () => reject(new Error(`origin: expected ${what}, got its end`));
    const onMessage = (message: unknown) => {
      const told = message as Told;
      if (told.what !== what) return;
      child.off('message', onMessage).off('exit', onEnd);
      resolve(told as Extract<Told, { readonly what: What }>);
    };
    child.on('message', onMessage).once('exit', onEnd);
  });
}
