/** How the bytes on the disk differ from the spec, or why they may not be looked at. */
export const contentFailureReasons = [
  'wrong-size',
  'wrong-md5',
  'not-a-png',
  'undecodable-png',
  'unsupported-png',
  'wrong-pixel-size',
  'wrong-pixel-md5',
  'too-many-pixels',
  'unsafe-path',
  'not-on-disk',
] as const;
export type ContentFailureReason = (typeof contentFailureReasons)[number];
