import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import { lineOf, type TimelinePoint, thinned } from '../../domain/timeline/timeline-point.ts';
import { atFile, inFolderAt, pathIn } from '../folders/held-folder.ts';
import { openToAppend } from '../folders/real-file.ts';
import { writeFileAtomically } from '../store/atomic-file.ts';
import type { WriterProcess } from '../store/writer.ts';
import { pointsIn, timelineFiles } from './read-timeline.ts';
import { RunNotes } from './run-notes.ts';

/** All files of a run together; a chart is drawn from a tenth of it. */
const MOST_BYTES = 1024 ** 2;
/** One writer's file, however few they are. */
const MOST_OF_ONE = 256 * 1024;
/** Between two lines at first, and at most: what was thinned to longer stretches needs no shorter ones. */
const SHORTEST_MS = 2_000;
const LONGEST_MS = 30_000;

/** Runs that a worker remembers having worked for. */
const MOST_RUNS = 64;

/** One run in one folder, as this process works for it. */
interface Written {
  readonly storePath: string;
  readonly run: string;
  readonly notes: RunNotes;
  everyMs: number;
  timer: NodeJS.Timeout | undefined;
  writing: Promise<void>;
}

/**
 * Notes in the dataset folder what was done when, for the report's charts: a line every few seconds in which anything
 * happened, in a file of each worker's own, so that hosts on shared storage never write to the same one. It is thinned when
 * it grows. Nothing depends on it: where it cannot be written, the next line says both.
 */
export class Timeline {
  readonly #writer: WriterProcess;
  readonly #mostBytes: number;
  readonly #shortestMs: number;
  readonly #runs = new Map<string, Written>();

  constructor(writer: WriterProcess, { mostBytes = MOST_BYTES, shortestMs = SHORTEST_MS } = {}) {
    this.#writer = writer;
    this.#mostBytes = mostBytes;
    this.#shortestMs = shortestMs;
  }

  /** To be told what is done for a run. */
  of(storePath: string, run: string): RunNotes {
    const key = `${run} ${storePath}`;
    const known = this.#runs.get(key);
    if (known !== undefined) return known.notes;
    const made: Written = {
      ...{ storePath, run, everyMs: this.#shortestMs, timer: undefined, writing: Promise.resolve() },
      notes: new RunNotes(() => this.#arm(made)),
    };
    this.#runs.set(key, made);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > MOST_RUNS && oldest !== undefined) this.#runs.delete(oldest);
    return made.notes;
  }

  /** Writes what is not written yet, of all runs. */
  async flush(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => this.#write(run)));
  }

  /** Without a timer while nothing happens. */
  #arm(run: Written): void {
    run.timer ??= setTimeout(() => void this.#write(run), run.everyMs).unref();
  }

  #write(run: Written): Promise<void> {
    clearTimeout(run.timer);
    run.timer = undefined;
    run.writing = run.writing.then(async () => {
      const point = run.notes.take(Date.now());
      if (point === undefined) return;
      try {
        await this.#append(run, point);
      } catch {
        // The folder's own trouble, which whoever needs the folder tells of.
        run.notes.keep(point);
      }
    });
    return run.writing;
  }

  async #append(run: Written, point: TimelinePoint): Promise<void> {
    // A folder that is not mounted any more is nobody's: nothing is made there.
    await lstat(pathIn(run.storePath, statePaths.store));
    const folder = pathIn(run.storePath, statePaths.timeline(run.run));
    const path = join(folder, `${this.#writer.name}.jsonl`);
    const handle = await atFile(path, openToAppend, 'made');
    let size: number;
    try {
      // The line break comes first: a kill may have left half a line.
      await handle.writeFile(`\n${lineOf(point)}`);
      ({ size } = await handle.stat());
    } finally {
      await handle.close();
    }
    const names = await inFolderAt(folder, (held) => readdir(held));
    const share = Math.min(MOST_OF_ONE, Math.floor(this.#mostBytes / (names.length + 1)));
    if (size > share) run.everyMs = Math.min(LONGEST_MS, Math.max(this.#shortestMs, await thin(path, share)));
    await this.#thinThoseOfTheDead(folder, share);
  }

  /** Nobody else does. Two that do it at once write the same. */
  async #thinThoseOfTheDead(folder: string, share: number): Promise<void> {
    for (const { path, writer, size } of await timelineFiles(folder))
      if (size > share && this.#writer.isOtherAndGone(writer)) await thin(path, share);
  }
}

/** To half of what it may have, so that this is rare. Answers how long a stretch each line stands for. */
async function thin(path: string, share: number): Promise<number> {
  const { points, stretchMs } = thinned(await pointsIn(path), share / 2);
  await writeFileAtomically(path, points.map(lineOf).join(''));
  return stretchMs;
}
