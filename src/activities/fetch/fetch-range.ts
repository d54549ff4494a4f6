import { NO_FOLDER } from '../../domain/dataset/layout.ts';
import { isContentFailure } from '../../domain/failure/content-failure.ts';
import { failedOutcomeOf, reactionTo } from '../../domain/failure/reasons.ts';
import { deferralMs, fileBackoffMs } from '../../domain/run/backoff.ts';
import type { RangeInput, RangeResult } from '../../domain/run/run.ts';
import { enterStore } from '../activity.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { stopFailure, unfinishedFailure } from '../failures.ts';
import { BundleProgress } from '../heartbeat.ts';
import { makeSource } from '../sources/index.ts';
import { readFaults } from '../store/failure-log.ts';
import { surveyFolder } from '../store/partial-file.ts';
import { folderName, makeSafeFolder } from '../store/safe-folder.ts';
import { readVerified } from '../store/verified-records.ts';
import { type FileContext, type FileFault, notesWritten, settleFile } from './settle-file.ts';

/**
 * Brings one large file forward to `end`; when that is the file's end, verifies it and puts it in place. The partial
 * file on the disk is the only memory: its size is where the next range begins.
 */
export function makeFetchRange(dependencies: ActivityDependencies) {
  return async function fetchRange(input: RangeInput): Promise<RangeResult> {
    const progress = BundleProgress.begin();
    try {
      const storePath = await enterStore(dependencies, input);
      const spec = input.archive;
      progress.setTotals([spec]);
      progress.start(spec);
      const folder = await makeSafeFolder(storePath, folderName(spec.path));
      const context: FileContext = {
        dependencies,
        storePath,
        folder,
        group: NO_FOLDER,
        run: input.run,
        request: input.request,
        source: makeSource(input.request.source, {
          http: dependencies.http,
          allowedHosts: input.request.allowedHosts,
        }),
        verified: await readVerified(storePath, spec.kind, NO_FOLDER),
        listing: await surveyFolder(folder),
        signal: progress.signal,
        notes: [],
        ...(input.end < spec.size ? { end: input.end } : {}),
      };
      const faults = await readFaults(storePath, input.run, spec.kind, NO_FOLDER);
      progress.rememberFaults(spec.key, Math.max(input.faults ?? 0, faults.get(spec.key) ?? 0));
      const result = await dependencies.fileSlots.use(1, progress.signal, () =>
        settleFile(context, spec, (bytes) => progress.addBytes(spec, bytes)),
      );
      await notesWritten(context.notes);
      if (result.status === 'partial') return { status: 'fetched', size: result.size };
      if (result.status === 'done') return { status: 'verified', how: result.how };
      return await judge(result.fault);

      async function judge(fault: FileFault): Promise<RangeResult> {
        const looking = input.request.fetch === 'nothing';
        switch (looking ? 'outcome' : reactionTo(fault.reason)) {
          case 'stop':
            throw stopFailure(fault, progress.attempt);
          case 'defer':
            return {
              status: 'deferred',
              until: Date.now() + deferralMs(fault.retryAfterMs, dependencies.quotaWaitMs),
              reason: fault.reason,
            };
          case 'outcome':
            return fail(fault, progress.attemptsOf(spec.key) + 1);
          case 'retry': {
            const attempts = progress.countFault(spec.key, fault.progressedBytes);
            if (attempts >= input.request.numAttempts) return fail(fault, attempts);
            // The bytes were wrong and are gone: from the first range again, so that no attempt fetches it all.
            if (isContentFailure(fault.reason)) {
              return { status: 'damaged', faults: attempts };
            }
            const count = { key: spec.key, faults: attempts };
            await dependencies.failureLog.appendFaults(storePath, input.run, spec.kind, NO_FOLDER, [count]);
            throw unfinishedFailure(
              `${spec.path} (fault ${attempts} of ${input.request.numAttempts}): ${fault.detail}`,
              fault.progressedBytes > 0 ? 1_000 : fileBackoffMs(attempts),
            );
          }
        }
      }

      async function fail(fault: FileFault, attempts: number): Promise<RangeResult> {
        const { reason, detail } = fault;
        const failure = {
          kind: spec.kind,
          key: spec.key,
          path: spec.path,
          outcome: failedOutcomeOf(reason),
          reason,
          detail,
          attempts,
        };
        await dependencies.failureLog.append(storePath, input.run, spec.kind, NO_FOLDER, [failure]);
        return { status: 'failed', reason, detail };
      }
    } catch (error) {
      if (!progress.signal.aborted) throw error;
      progress.rethrowUnlessCancelled();
      return { status: 'interrupted' };
    } finally {
      progress.end();
    }
  };
}
