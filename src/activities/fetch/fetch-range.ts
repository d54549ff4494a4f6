import { NO_FOLDER } from '../../domain/dataset/layout.ts';
import type { RangeInput, RangeResult } from '../../domain/run/activity-inputs.ts';
import type { ActivityScope } from '../activity.ts';
import { Bundle } from '../settle/bundle.ts';
import { Download } from './download.ts';

/**
 * Brings one large file forward to `end`; when that is the file's end, verifies it and puts it in place. The partial
 * file on the disk is the only memory: its size is where the next range begins.
 */
export async function fetchRange(scope: ActivityScope, input: RangeInput): Promise<RangeResult> {
  const { sources, fileSlots } = scope.dependencies;
  const { request, file, end, wrong } = input;
  const bundle = new Bundle(scope, input, {
    maker: new Download(scope, () => sources.open(request.source, request.allowedHosts), request.fetch, {
      end,
      wrong,
    }),
    kind: file.kind,
    group: NO_FOLDER,
    hasIds: false,
    slots: fileSlots,
  });
  const result = await bundle.settleAll([file]);
  const [failure] = bundle.failures;
  // An attempt before this one may have settled it and died: its reason is all that is left of that.
  const [reason] = failure ? [`${failure.reason}: ${failure.detail}`] : Object.keys(result.tally.failures);
  const { size, wrong: foundWrong } = bundle.partial;
  return {
    ...result,
    size,
    ...(foundWrong ? { wrong: { size: foundWrong.size, mtime: foundWrong.mtime } } : {}),
    ...(reason === undefined ? {} : { failure: reason }),
  };
}
