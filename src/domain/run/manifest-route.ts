import type { RunRequest } from './request.ts';

/**
 * How a run comes by its records, one route per origin:
 * - `large-file`: the official manifest, by byte ranges.
 * - `bundle`: one that the user named by URL.
 * - `read`: one that lies on the worker's host already.
 * - `photos`: there is none; the user's photographs and their landmarks take its place.
 */
export type ManifestRoute = 'large-file' | 'bundle' | 'read' | 'photos';

/** The route of a request. Who only looks (`fetch: 'nothing'`) reads what is there. */
export function manifestRoute({ manifest, fetch }: Pick<RunRequest, 'manifest' | 'fetch'>): ManifestRoute {
  switch (manifest.name) {
    case 'official':
      return 'large-file';
    case 'photos':
      return 'photos';
    case 'other':
      return isUrl(manifest.location) && fetch !== 'nothing' ? 'bundle' : 'read';
    default:
      return manifest satisfies never;
  }
}

export function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location);
}
