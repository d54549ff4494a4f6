import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunId, statePaths } from '../../domain/dataset/layout.ts';
import type { FileFailure } from '../../domain/failure/file-failure.ts';
import { outcomes } from '../../domain/failure/outcome.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { type FileKind, fileKinds } from '../../domain/kinds.ts';
import { atFile, inFolderAt, pathIn } from '../folders/held-folder.ts';
import { removeTree } from '../folders/remove-tree.ts';
import { AppendLog } from './append-log.ts';
import { GrowingLog } from './growing-log.ts';
import type { Seal } from './seal.ts';

/** The details of failed files: too many for a payload when a whole origin fails, so they wait here for the report. */
export class FailureLog {
  readonly #log: AppendLog<FailureLine>;
  readonly #faults: AppendLog<FaultCount>;
  readonly #seal: Seal;

  /** @param seal what our own notes are known by: whoever else may write there has no word about files */
  constructor(writer: string, seal: Seal) {
    const writingIn = async (folder: string) => (line: object) =>
      seal.close(purposeOf(folder), JSON.stringify(line));
    this.#log = new AppendLog<FailureLine>(writer, writingIn);
    this.#faults = new AppendLog<FaultCount>(writer, writingIn);
    this.#seal = seal;
  }

  async append(
    storePath: string,
    run: string,
    kind: FileKind,
    group: string,
    failures: readonly FileFailure[],
  ): Promise<void> {
    await this.#log.append(pathIn(storePath, statePaths.failures(run, kind, group)), failures);
  }

  /** Of a file that came after all: an attempt noted its failure, and died before the next one could hear of it. */
  async appendVoided(
    storePath: string,
    run: string,
    kind: FileKind,
    group: string,
    voided: readonly Voided[],
  ): Promise<void> {
    await this.#log.append(pathIn(storePath, statePaths.failures(run, kind, group)), voided);
  }

  /** Counts so far of files that are not given up yet. */
  async appendFaults(
    storePath: string,
    run: string,
    kind: FileKind,
    group: string,
    counts: readonly FaultCount[],
  ): Promise<void> {
    const counted = counts.filter(({ faults }) => faults > 0);
    await this.#faults.append(pathIn(storePath, statePaths.faults(run, kind, group)), counted);
  }

  /**
   * Counts by key. Between attempts of one Activity they are in its heartbeat details; a pause or a wait for quota ends
   * the Activity, and of one that was in back-off the server tells the workflow nothing.
   */
  async readFaults(
    storePath: string,
    run: string,
    kind: FileKind,
    group: string,
  ): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const { key, faults } of await this.#read(
      pathIn(storePath, statePaths.faults(run, kind, group)),
      isCount,
    ))
      counts.set(key, Math.max(faults, counts.get(key) ?? 0));
    return counts;
  }

  /** Of one run, by kind and group in order; a file that was noted twice (an attempt died after noting it) once. */
  async *readFailures(
    storePath: string,
    run: string,
    kinds: readonly FileKind[] = fileKinds,
  ): AsyncGenerator<FileFailure> {
    const root = pathIn(storePath, statePaths.failuresOfRun(run));
    for (const kind of kinds) {
      for (const group of await names(join(root, kind))) {
        const lines = await this.#read(join(root, kind, group), isLine);
        const standing = [...notesOf(lines).values()].flatMap(({ latest, notes, voided }) =>
          latest !== undefined && notes > voided ? [latest] : [],
        );
        yield* standing.sort((a, b) => a.path.localeCompare(b.path));
      }
    }
  }

  /** How often the failure of each file of a group was noted, as far as that stands. */
  async readNoted(
    storePath: string,
    run: string,
    kind: FileKind,
    group: string,
  ): Promise<ReadonlyMap<string, number>> {
    const lines = await this.#read(pathIn(storePath, statePaths.failures(run, kind, group)), isLine);
    const counts = [...notesOf(lines)].filter(([, { notes, voided }]) => notes > voided);
    return new Map(counts.map(([key, { notes }]) => [key, notes]));
  }

  async #read<Line>(folder: string, isLine: (value: unknown) => value is Line): Promise<Line[]> {
    const open = (line: string) => this.#seal.open(purposeOf(folder), line);
    return [...(await new GrowingLog(folder, isLine, open).read()).values()].flat();
  }
}

type FailureLine = FileFailure | Voided;

/** Notes of one run and group serve in no other. */
function purposeOf(folder: string): string {
  return `notes ${folder.split('/').slice(-4).join('/')}`;
}

/** So many notes of a file's failure are void. */
export interface Voided {
  readonly key: string;
  readonly voided: number;
}

/** How many faults of its own a file has had in this run. */
export interface FaultCount {
  readonly key: string;
  readonly faults: number;
}

interface NotesOfFile {
  latest?: FileFailure;
  notes: number;
  voided: number;
}

function notesOf(lines: readonly (FileFailure | Voided)[]): Map<string, NotesOfFile> {
  const byKey = new Map<string, NotesOfFile>();
  for (const line of lines) {
    const known = byKey.get(line.key) ?? { notes: 0, voided: 0 };
    byKey.set(line.key, known);
    if ('voided' in line) known.voided = Math.max(known.voided, line.voided);
    else {
      known.latest = line;
      known.notes++;
    }
  }
  return byKey;
}

function isLine(value: unknown): value is FileFailure | Voided {
  return isFailure(value) || isVoided(value);
}

function isVoided(value: unknown): value is Voided {
  if (value === null || typeof value !== 'object') return false;
  const { key, voided } = value as Partial<Voided>;
  return typeof key === 'string' && Number.isSafeInteger(voided);
}

/** Earlier runs' notes have served: their files are planned anew, and what was done when is another run's. */
export async function forgetOtherRuns(storePath: string, run: string): Promise<void> {
  for (const all of [statePaths.allFailures, statePaths.allTimelines]) {
    const root = pathIn(storePath, all);
    for (const name of await names(root)) {
      if (name === run || !isRunId(name)) continue;
      await atFile(join(root, name), async (path) => {
        if ((await lstat(path)).isDirectory()) await removeTree(path);
      });
    }
  }
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await inFolderAt(folder, (held) => readdir(held))).sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function isFailure(value: unknown): value is FileFailure {
  if (value === null || typeof value !== 'object') return false;
  const failure = value as Partial<FileFailure>;
  return (
    typeof failure.key === 'string' &&
    typeof failure.path === 'string' &&
    typeof failure.reason === 'string' &&
    typeof failure.detail === 'string' &&
    typeof failure.attempts === 'number' &&
    typeof failure.outcome === 'string' &&
    Object.hasOwn(outcomes, failure.outcome)
  );
}

function isCount(value: unknown): value is FaultCount {
  if (value === null || typeof value !== 'object') return false;
  const { key, faults } = value as Partial<FaultCount>;
  return typeof key === 'string' && typeof faults === 'number';
}
