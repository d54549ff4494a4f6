import { type ImageId, MAX_IMAGE_ID, SHARD_SIZE } from '../../domain/dataset/ids.ts';
import { type ImageKind, imageKinds } from '../../domain/kinds.ts';

/** First id of the validation part of the real dataset. */
export const VALIDATION_START = 60_000;

/**
 * The ids asked for: so many from 0 on, or a list, which must ascend and may have gaps.
 *
 * @throws RangeError for ids that descend, repeat or are out of range, and for none at all.
 */
export function chooseIds(options: {
  readonly records?: number | undefined;
  readonly ids?: readonly number[] | undefined;
}): ImageId[] {
  const ids = options.ids ?? Array.from({ length: options.records ?? 0 }, (_, index) => index);
  let before = -1;
  for (const id of ids) {
    if (!Number.isInteger(id) || id <= before || id > MAX_IMAGE_ID) {
      throw new RangeError(
        `dataset ids [id=${id}]: expected ascending integers up to ${MAX_IMAGE_ID}, got ${id}`,
      );
    }
    before = id;
  }
  if (ids.length === 0) throw new RangeError('dataset ids: expected records or ids, got none');
  return ids as readonly number[] as ImageId[];
}

/** The kinds asked for, in the order of `imageKinds`, without repeats. @default all */
export function chooseKinds(kinds: readonly ImageKind[] = imageKinds): ImageKind[] {
  return imageKinds.filter((kind) => kinds.includes(kind));
}

/**
 * Ids for a sample: most in the first folder, some in the second, a sixth in the validation part, so that a few
 * records already make several shards and both categories.
 */
export function spreadIds(count: number): ImageId[] {
  const validation = Math.floor(count / 6);
  const second = Math.floor((count - validation) * 0.4);
  const first = count - validation - second;
  const secondStart = Math.ceil(first / SHARD_SIZE) * SHARD_SIZE;
  const range = (from: number, length: number) => Array.from({ length }, (_, i) => (from + i) as ImageId);
  return [...range(0, first), ...range(secondStart, second), ...range(VALIDATION_START, validation)];
}
