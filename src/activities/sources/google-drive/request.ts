import type { SourceDefinition } from '../contract/source-definition.ts';

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
};
