import { statePaths } from '../../domain/dataset/layout.ts';
import { quoted, quotedJson } from '../../domain/quoting/quoted.ts';
import {
  failureLine,
  type ReportedFailure,
  type ReportHead,
  reportHeadLines,
} from '../../domain/words/report.ts';
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
