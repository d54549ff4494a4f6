import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { statePaths } from '../../../src/domain/dataset/layout.ts';

/** What a folder has that it should not, and has not that it should. */
export interface Verdict {
  readonly wrong: readonly string[];
  readonly lost: readonly string[];
  /** Originals that have served and are still there. */
  readonly kept: readonly string[];
  /** Unfinished files that nobody will finish. */
  readonly litter: readonly string[];
  /** `complete`, or what the report says instead; undefined: there is none. */
  readonly report: string | undefined;
}

/** Compares a folder with what it must hold, byte for byte. */
export function judge(
  folder: string,
  expected: ReadonlyMap<string, string>,
  gone: readonly string[] = [],
): Verdict {
  const wrong: string[] = [];
  const lost: string[] = [];
  for (const [path, md5] of expected) {
    const found = md5Of(join(folder, path));
    if (found === undefined) lost.push(path);
    else if (found !== md5) wrong.push(path);
  }
  const there = new Set(filesUnder(folder));
  return {
    wrong,
    lost,
    kept: gone.filter((path) => there.has(path)),
    litter: [...there].filter((path) => /\.ffhq-part$|\.(new|tmp)$/.test(path)),
    report: reportOf(folder),
  };
}

function reportOf(folder: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(folder, statePaths.reportJson), 'utf8')) as { status?: string })
      .status;
  } catch {
    return undefined;
  }
}

function md5Of(path: string): string | undefined {
  try {
    return createHash('md5').update(readFileSync(path)).digest('hex');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function filesUnder(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
