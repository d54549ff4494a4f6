import type { SourceDefinition } from '../contract/source-definition.ts';

/** Drive shows a page before it gives what is larger than its scanner takes. */
const LARGE_BYTES = 100 * 1000 ** 2;

/** Each file's own URL, on Google's hosts. */
export const googleDrive: SourceDefinition = {
  name: 'google-drive',
  flags: [],
  secrets: [],
  asksFileUrls: true,
  read: () => ({ name: 'google-drive' }),
  flagsOf: () => [],
  describe: () => 'Google Drive',
  // Google's hosts are always allowed, and by https only.
  namedUrls: () => [],
  planned: () => ({ requestsFor: (fileBytes = 0) => (fileBytes > LARGE_BYTES ? 2 : 1) }),
};
