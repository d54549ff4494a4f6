import { setImmediate } from 'node:timers/promises';
import type { Size } from '../../domain/raster/picture.ts';

/** Some milliseconds' worth of drawing. */
const PIXELS_PER_SPAN = 32_768;

/**
 * Calls `work` for one span of whole rows after another, so that other work of the process gets a turn in between.
 *
 * @param work - Gets the span's first row and the first one after it.
 * @throws The signal's reason, before the next span.
 */
export async function bySpans(
  { width, height }: Size,
  work: (fromRow: number, toRow: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const rows = Math.max(1, Math.floor(PIXELS_PER_SPAN / width));
  for (let from = 0; from < height; from += rows) {
    signal?.throwIfAborted();
    work(from, Math.min(height, from + rows));
    await setImmediate();
  }
}
