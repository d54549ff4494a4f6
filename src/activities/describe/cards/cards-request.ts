import type { CardFormat } from '../../../domain/cards/sum-lines.ts';
import type { ImageKind } from '../../../domain/kinds.ts';
import type { OtherCard } from '../../../domain/verify/folder-card.ts';
import type { FileSums } from '../../hash/sum-file.ts';
import type { Seal } from '../../records/seal.ts';
import type { VerifiedLog } from '../../records/verified-records.ts';
import type { ManyLooks } from '../../store/file-info.ts';

export interface CardsRequest {
  /** The dataset folder. */
  readonly out: string;
  readonly formats: readonly CardFormat[];
  /** Kinds of picture that are described. */
  readonly kinds: readonly ImageKind[];
  /** Kinds that a bag without pixels says where to fetch. */
  readonly fetchedKinds: readonly ImageKind[];
  /** Every record, every kind and every file. */
  readonly isWhole: boolean;
  /** The bag holds the files. */
  readonly bagPayload: boolean;
  /** What runs of ours say of the folder. */
  readonly card: OtherCard | undefined;
  readonly program: string;
  /** ISO 8601. */
  readonly made: string;
}

/** Computes both digests of a file, away from this thread. */
type SumFile = (path: string, signal: AbortSignal, onBytes: (bytes: number) => void) => Promise<FileSums>;

export interface CardTools {
  readonly verified: VerifiedLog;
  readonly looks: ManyLooks;
  readonly sum: SumFile;
  readonly signal: AbortSignal;
  readonly seal: Seal;
  /** How much was hashed until now. */
  readonly onHashed: (files: number, bytes: number) => void;
}
