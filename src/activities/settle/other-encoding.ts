import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import type { FailureReason } from '../../domain/failure/reasons.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import type { SeenContent } from '../../domain/verify/compare-content.ts';
import type { SeenRecord } from '../../domain/verify/verification-record.ts';
import type { Fault, Given } from './file-maker.ts';

export function seenOf({ size, md5, pixelMd5, accepted, source }: SeenRecord): SeenContent & Given {
  return {
    ...{ size, md5 },
    ...(pixelMd5 === undefined ? {} : { pixelMd5 }),
    ...acceptedOf({ accepted }),
    ...(source === undefined ? {} : { source }),
  };
}

export function acceptedOf({
  accepted,
}: {
  readonly accepted?: 'pixels' | undefined;
}): Pick<SeenContent, 'accepted'> {
  return accepted === undefined ? {} : { accepted };
}

/** Whoever looks at a folder of unknown origin learns how its pictures may pass. */
export function withHint(
  { md5, pixels, accepts }: FileSpec,
  { fetch }: Pick<RunRequest, 'fetch'>,
  { reason, detail }: Fault,
): Fault {
  const isAnother = reason === 'wrong-md5' || reason === 'wrong-size';
  if (fetch !== 'nothing' || !isAnother || md5 === undefined || !pixels || accepts) return { reason, detail };
  return {
    reason,
    detail: `${detail}; if it is the same picture by another encoder, --accept pixels takes it`,
  };
}

/** What could not be read once may be read again; and whoever takes pixels looks at those of what is another file. */
export function mayPassNow({ accepts }: FileSpec, reason: FailureReason): boolean {
  const isOther = reason === 'wrong-size' || reason === 'wrong-md5';
  return reason === 'unreadable' || (accepts !== undefined && isOther);
}
