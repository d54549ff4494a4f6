import { archiveDefinition } from '../archive/archive-request.ts';

/** Zips such as those that NVIDIA hosts, beside Drive or on a disk. */
export const zipFiles = archiveDefinition('zip', {
  flag: '--zip',
  value: '<file-or-url,...>',
  help: 'zips, on a disk or behind URLs, that hold the pictures (default: those that --zips has fetched)',
  otherwise: 'fetched zips',
});
