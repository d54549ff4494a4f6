import type { ImageId } from './ids.ts';

/** Does a record belong to the asked part (ids as ranges)? Without one, all do. Ranges have been checked by parseIds. */
export function selectionOf(ids: string | undefined): (id: ImageId) => boolean {
  if (ids === undefined) return () => true;
  const ranges = ids.split(',').map((part) => {
    const [from, to = from] = part.split('-').map(Number);
    return { from: from ?? 0, to: to ?? 0 };
  });
  return (id) => ranges.some(({ from, to }) => id >= from && id <= to);
}
