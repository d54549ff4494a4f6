import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../../src/process/process-ref.ts';
import { readState, serverFiles } from '../../src/server/server-state.ts';
import type { Collection, Job } from './collection.ts';
import { judge, type Verdict } from './figures/judge.ts';
import type { Scene } from './scene.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const program = fileURLToPath(new URL('ffhq.mjs', import.meta.url));
const archiveRun = fileURLToPath(new URL('archive-run.ts', import.meta.url));

const workerFlags = ['--num_threads', '16', '--chunk_size', '16', '--align_threads', '1', '--reserve', '0'];
const AGAIN_MS = 300;
/** Of a list in the log. */
const SHOWN = 20;

/** What a person does in a round: keeps a server and a worker up, and gives each command until it says success. */
export class Work {
  readonly #scene: Scene;
  readonly #collection: Collection;
  readonly #log: (line: string) => void;
  readonly verdicts = new Map<string, Verdict>();
  readonly givenAgain = new Map<string, number>();
  wrongClaims = 0;
  /** All of it is done, or nothing more is wanted. */
  isOver = false;

  constructor(scene: Scene, collection: Collection, log: (line: string) => void) {
    this.#scene = scene;
    this.#collection = collection;
    this.#log = log;
  }

  /** Files that must be there, or have served and be gone. */
  get files(): number {
    return this.#collection.jobs.reduce((sum, { expected, gone }) => sum + expected.size + gone.length, 1);
  }

  async begin(): Promise<void> {
    const { parts } = this.#scene;
    parts.keep('server', [program, 'server'], false);
    await this.#serverIsThere();
    parts.keep('worker', [program, 'worker', ...workerFlags], true);
    await Promise.all([this.#doJobs(), this.#fetchArchive()]);
    this.isOver = true;
  }

  /** Gives no command any more. */
  end(): void {
    this.isOver = true;
  }

  async #doJobs(): Promise<void> {
    for (const job of this.#collection.jobs) {
      const out = this.#outOf(job.name);
      const isSuccess = await this.#untilSuccess(job.name, 'command', wordsOf(job, out));
      if (isSuccess) this.#look(job.name, judge(out, job.expected, job.gone));
    }
  }

  /** The command asks for the real TFRecords alone, so another one asks for the archive. */
  async #fetchArchive(): Promise<void> {
    const { archive } = this.#collection;
    const out = this.#outOf('archive');
    const words = ['--import', 'tsx', archiveRun, out, JSON.stringify(archive)];
    const isSuccess = await this.#untilSuccess('archive', 'archive', words);
    if (isSuccess) this.#look('archive', judge(out, new Map([[archive.path, archive.md5]])));
  }

  /** False: it was told to end before that. */
  async #untilSuccess(what: string, name: 'command' | 'archive', words: readonly string[]): Promise<boolean> {
    while (!this.isOver) {
      // Only the command brings its own.
      if (name === 'archive') await this.#serverIsThere();
      const code = await this.#scene.parts.give(name, words, project);
      if (code === 0) return true;
      if (typeof code === 'number' && name === 'command') {
        this.givenAgain.set(String(code), (this.givenAgain.get(String(code)) ?? 0) + 1);
        this.#log(`command ${what} ended with ${code}: given again`);
      }
      await sleep(AGAIN_MS);
    }
    return false;
  }

  /** At once, before anything else may put it right. */
  #look(name: string, verdict: Verdict): void {
    this.verdicts.set(name, verdict);
    const { wrong, lost, kept, litter, report } = verdict;
    this.#log(`${name}: success`);
    const isComplete = name === 'archive' || report === 'complete';
    if (wrong.length + lost.length > 0 || !isComplete) {
      this.wrongClaims++;
      this.#log(`WRONG CLAIM of ${name}: report ${report}, wrong: ${some(wrong)}, lost: ${some(lost)}`);
    }
    if (kept.length > 0) this.#log(`ORIGINALS KEPT: ${some(kept)}`);
    if (litter.length > 0) this.#log(`LITTER: ${some(litter)}`);
  }

  #outOf(name: string): string {
    return join(this.#scene.disk.folder, name);
  }

  async #serverIsThere(): Promise<void> {
    const files = serverFiles(join(this.#scene.folder, 'state/ffhq'));
    for (let state = readState(files); !this.isOver; state = readState(files)) {
      if (state !== undefined && isAlive(state.process)) return;
      await sleep(100);
    }
  }
}

function wordsOf(job: Job, out: string): string[] {
  const { manifestUrl, manifestMd5, licenseUrl } = job.sample;
  const data = ['--manifest', manifestUrl, '--manifest-md5', manifestMd5, '--license-url', licenseUrl];
  return [program, 'run', ...job.flags, '--out', out, ...data, ...workerFlags, '--output', 'json'];
}

function some(paths: readonly string[]): string {
  const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : '';
  return `${paths.slice(0, SHOWN).join(' ') || 'none'}${more}`;
}
