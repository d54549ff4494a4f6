import { inflateSync } from 'node:zlib';
import { allOf, type Inflate, WrongStreamError } from '../../../src/domain/kernels/inflate/contract.ts';

/** What becomes of a stream: its bytes, or why it is refused. */
type Outcome = { readonly bytes: Buffer } | { readonly refusal: string };

function byZlib(stream: Uint8Array): Outcome {
  try {
    return { bytes: inflateSync(stream) };
  } catch (error) {
    return { refusal: (error as Error).message.toLowerCase() };
  }
}

/** @param piece so many bytes at a time */
export function byKernel(inflate: Inflate, stream: Uint8Array, piece = stream.length): Outcome {
  const parts: Buffer[] = [];
  const open = inflate.bytes((bytes) => {
    parts.push(Buffer.from(bytes));
    return true;
  });
  try {
    for (let at = 0; at < stream.length; at += piece) allOf(open.take(stream.subarray(at, at + piece)));
    allOf(open.finish());
    return { bytes: Buffer.concat(parts) };
  } catch (error) {
    if (!(error instanceof WrongStreamError)) throw error;
    return { refusal: error.message };
  } finally {
    open.close();
  }
}

/** Throws where it is another outcome than zlib's, in bytes or words. */
export function expectAsZlib(inflate: Inflate, stream: Uint8Array, piece?: number): Outcome {
  const [wanted, got] = [byZlib(stream), byKernel(inflate, stream, piece)];
  const isSame =
    'bytes' in wanted
      ? 'bytes' in got && wanted.bytes.equals(got.bytes)
      : 'refusal' in got && wanted.refusal === got.refusal;
  if (!isSame) throw new Error(`inflated: expected ${shown(wanted)}, got ${shown(got)}`);
  return got;
}

function shown(outcome: Outcome): string {
  return 'refusal' in outcome ? outcome.refusal : `${outcome.bytes.length} bytes`;
}
