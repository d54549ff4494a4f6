import type { RunRequest } from '../../src/domain/run/request.ts';

/** A request for a dataset on Google Drive, as flags nobody gave leave it, but for what the test says. */
export function requestOf(
  asked: Partial<RunRequest> & Pick<RunRequest, 'kinds' | 'manifest' | 'license'>,
): RunRequest {
  return {
    source: { name: 'google-drive' },
    allowedHosts: [],
    trust: 'records',
    fetch: 'missing',
    numAttempts: 3,
    ...asked,
  };
}

/** A request for one TFRecords file and nothing beside it. */
export const archiveRequest = requestOf({
  kinds: ['tfrecords'],
  manifest: { name: 'official' },
  license: { name: 'none' },
  numAttempts: 2,
});
