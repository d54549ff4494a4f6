import { archiveDefinition } from '../archive/archive-request.ts';

/** Tars of pictures, as mirrors hold them. */
export const tarFiles = archiveDefinition('tar', {
  flag: '--tar',
  value: '<file-or-url,...>',
  help: 'tars, on a disk or behind URLs, that hold the pictures',
});
