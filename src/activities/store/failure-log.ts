import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileKind, fileKinds } from '../../domain/file-spec.ts';
import { statePaths } from '../../domain/layout.ts';
import type { FileFailure } from '../../domain/outcome.ts';
import { failedOutcomes } from '../../domain/outcome.ts';
import { errorCode } from '../../domain/store-failure.ts';
import { AppendLog, readLog } from './append-log.ts';

/** The details of failed files: too many for a payload when a whole origin fails, so they wait here for the report. */
export class FailureLog {
  readonly #log: AppendLog<FileFailure>;

  constructor(writer: string) {
    this.#log = new AppendLog(writer);
  }

  async append(
    storePath: string,
    run: string,
    kind: FileKind,
    group: string,
    failures: readonly FileFailure[],
  ): Promise<void> {
    await this.#log.append(join(storePath, statePaths.failures(run, kind, group)), failures);
  }
}

/** Of one run, by kind and group in order; a file that was noted twice (an attempt died after noting it) once. */
export async function* readFailures(storePath: string, run: string): AsyncGenerator<FileFailure> {
  const root = join(storePath, statePaths.failuresOfRun(run));
  for (const kind of fileKinds) {
    for (const group of await names(join(root, kind))) {
      const byKey = new Map<string, FileFailure>();
      for (const failure of await readLog(join(root, kind, group), isFailure))
        byKey.set(failure.key, failure);
      yield* [...byKey.values()].sort((a, b) => a.path.localeCompare(b.path));
    }
  }
}

/** Earlier runs' notes have served: their files are planned anew. */
export async function forgetOtherFailures(storePath: string, run: string): Promise<void> {
  const root = join(storePath, statePaths.allFailures);
  for (const name of await names(root)) {
    if (name !== run) await rm(join(root, name), { recursive: true, force: true });
  }
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
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
    failedOutcomes.some((outcome) => outcome === failure.outcome)
  );
}
