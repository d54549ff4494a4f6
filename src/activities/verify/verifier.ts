import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import type { PlaceTask } from '../partials/partial-file.ts';
import type { Encoded } from './encode-anew.ts';
import type { Verdict } from './verify-file.ts';
import type { PlaceAnswer } from './verify-task.ts';

/** Whoever reads files back and compares them: threads of this process, or a process for one file. */
export interface Verifier {
  /** Compares a file with its spec; `onBytes` hears of bytes read. Throws the signal's reason, and what the disk says. */
  verify(
    spec: FileSpec,
    path: string,
    signal: AbortSignal,
    onBytes?: (bytes: number) => void,
  ): Promise<Verdict>;

  /** Brings a picture that came in another encoding into ours, if its pixels are right; changes nothing on the disk. */
  encode(spec: FileSpec, path: string, signal: AbortSignal): Promise<Encoded>;

  /** Puts a file that came whole in its place if it is right. Takes a moment, and is not stopped. */
  place(spec: FileSpec, place: PlaceTask): Promise<PlaceAnswer>;
}
