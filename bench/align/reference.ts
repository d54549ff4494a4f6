import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What NVIDIA's function made of one record. */
export interface ReferenceAnswer {
  readonly seconds: number;
  /** Seconds of the processor. */
  readonly cpu: number;
  readonly pixelMd5: string;
  /** Of the process so far. */
  readonly peakMb: number;
}

/** NVIDIA's function in a process of its own. FFHQ_REFERENCE and FFHQ_PYTHON as for bench:download. */
export class Reference {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(manifest: string, source: string) {
    const { FFHQ_REFERENCE: script, FFHQ_PYTHON: python } = process.env;
    if (!script || !python)
      throw new Error('FFHQ_REFERENCE and FFHQ_PYTHON: expected the script and a Python for it');
    const runner = fileURLToPath(new URL('run_reference.py', import.meta.url));
    this.#child = spawn(python, [runner, script, manifest, source], { stdio: 'pipe' });
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  async answer(): Promise<Record<string, unknown>> {
    const { value } = await this.#lines.next();
    return JSON.parse(value as string) as Record<string, unknown>;
  }

  async align(key: string): Promise<ReferenceAnswer> {
    this.#child.stdin.write(`${key}\n`);
    return (await this.answer()) as unknown as ReferenceAnswer;
  }

  close(): void {
    this.#child.kill();
  }
}
