import { type ImageId, MAX_IMAGE_ID } from '../dataset/ids.ts';

/** Does a record belong to the asked part (ids as ranges)? Without one, all do. Ranges have been checked by parseIds. */
export function selectionOf(ids: string | undefined): (id: ImageId) => boolean {
  if (ids === undefined) return () => true;
  const isAsked = new Uint8Array(MAX_IMAGE_ID + 1);
  if (ids === '') return () => false;
  for (const part of ids.split(',')) {
    const [from = 0, to = from] = part.split('-').map(Number);
    isAsked.fill(1, from, to + 1);
  }
  return (id) => isAsked[id] === 1;
}
