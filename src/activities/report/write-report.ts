import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import type { ReportInput, ReportResult, RunStatus } from '../../domain/run/run.ts';
import { failureLine, type ReportHead, reportedFailure, reportHeadLines } from '../../domain/words/report.ts';
import { enterStore } from '../activity.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { BundleProgress } from '../heartbeat.ts';
import { readFailures } from '../store/failure-log.ts';
import { findForeign } from './find-foreign.ts';

/**
 * Writes `report.json` and `report.txt`, streaming: when a whole origin failed they list 200,000 files. Whether the run
 * is complete is decided here, where both the counts and the failures are seen.
 */
export function makeWriteReport(dependencies: ActivityDependencies) {
  return async function writeReport(input: ReportInput): Promise<ReportResult> {
    const progress = BundleProgress.begin();
    try {
      const storePath = await enterStore(dependencies, input);
      progress.say('writing the report');
      const foreign = input.findForeign
        ? await findForeign(storePath, input.manifest.md5, () => progress.signal.throwIfAborted())
        : undefined;
      const failed = Object.values(input.progress.kinds).some((tally) => tally.failedFiles > 0);
      const status: RunStatus = failed ? 'complete with failures' : 'complete';
      const head: ReportHead = {
        workflowId: input.owner.workflowId,
        run: input.run,
        status,
        finishedAt: new Date().toISOString(),
        out: input.store.path,
        request: input.request,
        records: input.manifest.records,
        manifestMd5: input.manifest.md5,
        kinds: input.progress.kinds,
        ...(foreign ? { foreign } : {}),
      };
      const json = await ReplacedFile.begin(join(storePath, statePaths.reportJson));
      const text = await ReplacedFile.begin(join(storePath, statePaths.reportText));
      try {
        await json.write(`${JSON.stringify(head).slice(0, -1)},"failures":[`);
        await text.write(`${reportHeadLines(head).join('\n')}\n\n`);
        let separator = '\n';
        for await (const failure of readFailures(storePath, input.run)) {
          progress.signal.throwIfAborted();
          const reported = reportedFailure(failure);
          await json.write(`${separator}${JSON.stringify(reported)}`);
          await text.write(`${failureLine(reported)}\n`);
          separator = ',\n';
        }
        await json.write('\n]}\n');
        await json.replace();
        await text.replace();
      } finally {
        await json.discard();
        await text.discard();
      }
      return { status, foreignFiles: foreign?.count ?? 0 };
    } finally {
      progress.end();
    }
  };
}

/** A text that takes its file's place as a whole. */
class ReplacedFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #handle: Awaited<ReturnType<typeof open>>;
  #ended = false;
  #pending = '';

  private constructor(path: string, temporary: string, handle: Awaited<ReturnType<typeof open>>) {
    this.#path = path;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  static async begin(path: string): Promise<ReplacedFile> {
    const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
    return new ReplacedFile(path, temporary, await open(temporary, 'wx'));
  }

  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length < 64 * 1024) return;
    await this.#flush();
  }

  async replace(): Promise<void> {
    await this.#flush();
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#temporary, this.#path);
    this.#ended = true;
  }

  async discard(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#handle.close();
    await rm(this.#temporary, { force: true });
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '') await this.#handle.write(text);
  }
}
