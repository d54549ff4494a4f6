import type { FileSpec } from '../../../../domain/dataset/file-spec.ts';
import type { AnnouncedFile } from './api-error.ts';

/** Bytes from which a file is looked at before its first byte: what is another file now would cost hours. */
const LARGE = 64 * 1024 * 1024;

/** Files that are remembered; then it begins anew. */
const MOST_FILES = 100_000;

/**
 * Which files are worth a request that only asks for their size and MD5: large ones, before their first byte, and those that
 * are asked for once more from their start, or came in another length. What differs is not fetched again and again.
 */
export class Announced {
  readonly #asked = new Map<string, 'begun' | 'doubted' | 'as it should be'>();

  /** Is it to be looked at before bytes from `offset` are asked for? */
  isDoubted(id: string, file: FileSpec, offset: number): boolean {
    if (file.size === undefined && file.md5 === undefined) return false;
    switch (this.#asked.get(id)) {
      case 'as it should be':
        return false;
      case 'doubted':
        return true;
      case 'begun':
        return offset === 0;
      default:
        return (file.size ?? 0) >= LARGE;
    }
  }

  /** Its bytes were asked for. */
  begun(id: string): void {
    if (this.#asked.get(id) === undefined) this.#note(id, 'begun');
  }

  /** It came in another length than it should have. */
  doubt(id: string): void {
    if (this.#asked.get(id) !== 'as it should be') this.#note(id, 'doubted');
  }

  /** How what Drive names differs from the manifest, or undefined where it does not. */
  compare(id: string, file: FileSpec, seen: AnnouncedFile): string | undefined {
    if (seen.size !== undefined && file.size !== undefined && seen.size !== file.size)
      return `another file, of ${seen.size} bytes instead of ${file.size}`;
    if (seen.md5 !== undefined && file.md5 !== undefined && seen.md5 !== file.md5)
      return `another file, of MD5 ${seen.md5} instead of ${file.md5}`;
    this.#note(id, 'as it should be');
    return undefined;
  }

  #note(id: string, what: 'begun' | 'doubted' | 'as it should be'): void {
    if (this.#asked.size >= MOST_FILES) this.#asked.clear();
    this.#asked.set(id, what);
  }
}
