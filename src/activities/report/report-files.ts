import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import { quoted, quotedJson } from '../../domain/quoting/quoted.ts';
import {
  failureLine,
  type ReportedFailure,
  type ReportHead,
  reportHeadLines,
  type ToldFailure,
} from '../../domain/words/report.ts';
import { atFile } from '../folders/held-folder.ts';
import { isMisleading, openToRead } from '../folders/real-file.ts';
import { ReplacedFile } from '../store/replaced-file.ts';

/**
 * The one door to `report.txt` and `report.json`. Paths, details and names of foreign files are other people's: each line
 * of the text is quoted, so that none of them makes a line of its own or moves a cursor, and so is the JSON.
 */
export class ReportFiles {
  readonly #json: ReplacedFile;
  readonly #text: ReplacedFile;
  #separator = '\n';

  private constructor(json: ReplacedFile, text: ReplacedFile) {
    this.#json = json;
    this.#text = text;
  }

  static async begin(storePath: string): Promise<ReportFiles> {
    const json = await ReplacedFile.begin(storePath, statePaths.reportJson);
    try {
      return new ReportFiles(json, await ReplacedFile.begin(storePath, statePaths.reportText));
    } catch (error) {
      await json.discard();
      throw error;
    }
  }

  async head(head: ReportHead): Promise<void> {
    await this.#json.write(`${quotedJson(head).slice(0, -1)},"failures":[`);
    await this.#line(...reportHeadLines(head), '');
  }

  async failure(failure: ReportedFailure): Promise<void> {
    await this.#json.write(`${this.#separator}${quotedJson(failure)}`);
    await this.#line(failureLine(failure));
    this.#separator = ',\n';
  }

  /** Both take the place of the last run's. */
  async replace(): Promise<void> {
    await this.#json.write('\n]}\n');
    await this.#json.replace();
    await this.#text.replace();
  }

  /** What was not put in place is removed. */
  async discard(): Promise<void> {
    await this.#json.discard();
    await this.#text.discard();
  }

  async #line(...lines: readonly string[]): Promise<void> {
    await this.#text.write(lines.map((line) => `${quoted(line)}\n`).join(''));
  }
}

/** A longer report is none of ours. */
const MOST_REPORT_BYTES = 256 * 1024 ** 2;

/** What the last report says of these files; each failure has a line of its JSON. Whoever else may write there may have made it up. */
export async function reportedFailures(
  storePath: string,
  paths: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ToldFailure>> {
  const found = new Map<string, ToldFailure>();
  const handle = await openIfThere(join(storePath, statePaths.reportJson));
  if (handle === undefined) return found;
  const wanted = [...paths].map((path) => quotedJson(path));
  try {
    if ((await handle.stat()).size > MOST_REPORT_BYTES) return found;
    for await (const line of handle.readLines({ autoClose: false })) {
      if (!wanted.some((path) => line.includes(path))) continue;
      const failure = (parsedJson(line.replace(/,$/, '')) ?? {}) as Record<string, unknown>;
      if (!paths.has(String(failure.path))) continue;
      const text = (value: unknown) => (typeof value === 'string' ? value : '');
      const { reason, detail, whatToDo } = failure;
      const told = { reason: text(reason), detail: text(detail), whatToDo: text(whatToDo) };
      found.set(String(failure.path), told);
    }
    return found;
  } finally {
    await handle.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await atFile(path, openToRead);
  } catch (error) {
    if (isMisleading(error) || ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}
