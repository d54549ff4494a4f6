/** An archive that cannot be read, or not be trusted: damaged, hostile, or of a kind that is not read. */
export class BadArchiveError extends Error {
  override readonly name = 'BadArchiveError';

  /** @param problem "expected ..., got ..."; may repeat what the archive says, unquoted */
  constructor(problem: string) {
    super(problem);
  }
}

/** Members of one archive; FFHQ's have 70,000. */
export const MOST_MEMBERS = 1_000_000;

/** Bytes of a zip's directory, and of the names in a tar; a directory of 70,000 members has some 8 MB. */
export const MOST_DIRECTORY_BYTES = 128 * 1024 ** 2;

/** Bytes of a member's name that is looked at, as long as a path may be. */
export const MOST_NAME_BYTES = 4096;
