import { asAsked } from '../../domain/dataset/asked-files.ts';
import { NO_FOLDER } from '../../domain/dataset/layout.ts';
import type { LargeFileSpec } from '../../domain/dataset/reference-files.ts';
import { kinds } from '../../domain/kinds.ts';
import { RequestError } from '../../domain/network/request-url.ts';
import type { RangeInput, RangeResult } from '../../domain/run/activity-inputs.ts';
import type { Tally } from '../../domain/run/progress.ts';
import { failedTally } from '../../domain/run/tally-file.ts';
import type { ActivityScope } from '../activity.ts';
import { readExclusions } from '../exclusion/exclusions.ts';
import { withoutWhatWent } from '../manifest/manifest-text.ts';
import { Bundle } from '../settle/bundle.ts';
import { Download } from './download.ts';
import { withinLimits } from './within-limits.ts';

/**
 * Brings one large file forward to `end`; when that is the file's end, verifies it and puts it in place. The partial
 * file on the disk is the only memory: its size is where the next range begins.
 */
export async function fetchRange(scope: ActivityScope, input: RangeInput): Promise<RangeResult> {
  const { sources, largeFiles } = scope.dependencies;
  const { request, end } = input;
  const asked = specOf(input, largeFiles);
  if (await isLetGo(scope, input, asked)) return letGo(asked);
  const file = kinds[asked.kind].form === 'few-files' ? await withoutWhatWent(scope, asked) : asked;
  const { bundle, result } = await withinLimits(scope, input, async ({ asker, slots }) => {
    const open = () => sources.open(request.source, request.allowedHosts, asker);
    const bundle = new Bundle(scope, input, {
      maker: new Download(scope, open, request.fetch, end),
      kind: file.kind,
      group: NO_FOLDER,
      hasIds: false,
      slots,
    });
    return { bundle, result: await bundle.settleAll([file]) };
  });
  const [failure] = bundle.failures;
  // An attempt before this one may have settled it and died: its reason is all that is left of that.
  const [reason] = failure ? [`${failure.reason}: ${failure.detail}`] : Object.keys(result.tally.failures);
  const told = file === asked ? result : { ...result, tally: ofPublished(result.tally, asked) };
  return { ...told, size: bundle.partialBytes, ...(reason === undefined ? {} : { failure: reason }) };
}

/** An archive that is not there yet, and would bring what the folder lets go. */
async function isLetGo(
  { storePath, dependencies }: ActivityScope,
  { request }: RangeInput,
  { kind }: LargeFileSpec,
): Promise<boolean> {
  if (kinds[kind].form !== 'large-files' || request.fetch === 'nothing') return false;
  return (await readExclusions(storePath, dependencies.seal)).entries.length > 0;
}

function letGo({ key }: LargeFileSpec): RangeResult {
  const detail = `${key}: expected no archive while records are let go here (.ffhq/exclusions): it holds their pictures`;
  return {
    tally: failedTally(key, 'excluded'),
    failedIds: '',
    interrupted: false,
    size: 0,
    failure: `excluded: ${detail}`,
  };
}

/** A manifest in which records are let go counts as the whole one. */
function ofPublished(tally: Tally, { size }: LargeFileSpec): Tally {
  return tally.doneFiles === 0 ? tally : { ...tally, doneBytes: size };
}

/** Whatever an input says, only files of the table are fetched, each to its own place. */
function specOf(
  { file: { kind, key }, request }: RangeInput,
  known: readonly LargeFileSpec[],
): LargeFileSpec {
  const spec = known.find((one) => one.kind === kind && one.key === key);
  if (spec !== undefined) return asAsked(spec, request);
  throw new RequestError(`file [kind=${kind} key=${key}]: expected a large file of the dataset, got another`);
}
