import { createHash } from 'node:crypto';
import { type Source, SourceBodyError } from '../../../src/activities/sources/contract/source.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import type { SourceFailure } from '../../../src/domain/failure/source-failure.ts';

/** The signal of a caller who never aborts. */
export const never = new AbortController().signal;

/** All that came of a file, and how it ended. */
export interface Outcome {
  readonly from?: number;
  readonly bytes: Buffer;
  readonly failure?: SourceFailure;
}

export async function outcomeOf(
  source: Source,
  file: FileSpec,
  range: { readonly offset: number; readonly end?: number } = { offset: 0 },
  signal: AbortSignal = never,
): Promise<Outcome> {
  const opened = await source.open(file, range, signal);
  if (opened.status === 'failed') return { bytes: Buffer.alloc(0), failure: opened.failure };
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of opened.body) chunks.push(chunk);
  } catch (error) {
    if (!(error instanceof SourceBodyError)) throw error;
    return { from: opened.from, bytes: Buffer.concat(chunks), failure: error.failure };
  }
  return { from: opened.from, bytes: Buffer.concat(chunks) };
}

/** Names bytes by length and digest: what two long buffers are compared by, because a difference of them says nothing. */
export function named(bytes: Uint8Array): string {
  return `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
}

/** The same bytes for the same seed. */
export function pseudoRandomBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2_654_435_761 + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
