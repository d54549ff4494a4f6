import { afterAll, afterEach, beforeAll } from 'vitest';
import { makeGoogleDrive } from '../../../../src/activities/sources/google-drive/open.ts';
import { type HttpClient, makeHttpClient } from '../../../../src/activities/sources/http/client.ts';
import type { HttpAccess } from '../../../../src/activities/sources/http/source-tools.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import type { Behaviour } from '../../../../src/stand-in/behaviours.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../../src/stand-in/files.ts';
import type { RecordedRequest } from '../../../../src/stand-in/requests.ts';
import { named, outcomeOf, pseudoRandomBytes } from '../reading.ts';

export const driveBy = (client: HttpClient, access: Partial<HttpAccess> = {}) =>
  makeGoogleDrive({ name: 'google-drive' }, { http: client, allowedHosts: [], ...access });

export const bytes = pseudoRandomBytes(300_000, 11);
export const whole = named(bytes);
export const nothing = named(new Uint8Array(0));
export const file: FileSpec = {
  kind: 'images',
  key: '42',
  url: 'https://drive.google.com/uc?id=id42',
  path: 'images1024x1024/00000/00042.png',
  size: bytes.length,
};

/** One picture on a stand-in of Drive, for the tests of a file, through the real HTTP client. */
export function pictureOnDrive(now?: () => number) {
  let standIn: DriveStandIn;
  beforeAll(async () => {
    const files = new Map([['id42', fileOfBytes(bytes, { name: '00042.png', path: file.path })]]);
    standIn = await startDriveStandIn({ files, bigFrom: 10_000_000, ...(now ? { now } : {}) });
  });
  afterAll(() => standIn.close());
  afterEach(() => standIn.behave('all', undefined));

  /** One that has seen nothing of the hosts. */
  const newClient = () =>
    makeHttpClient({
      connections: 8,
      googleOrigin: standIn.origin,
      timeouts: { headers: 300, bodyIdle: 300 },
    });

  return {
    newClient,
    standIn: () => standIn,
    /** Opens and reads the file under these behaviours; says what came and what was asked for on the way. */
    async get(
      behaviour: Behaviour | readonly Behaviour[] | undefined,
      range: { offset: number; end?: number } = { offset: 0 },
      { spec = file, ...access }: { spec?: FileSpec } & Partial<Omit<HttpAccess, 'http'>> = {},
    ) {
      standIn.behave('all', behaviour);
      const before = standIn.requests.length;
      const http = newClient();
      try {
        const outcome = await outcomeOf(driveBy(http, access), spec, range);
        const asked: readonly RecordedRequest[] = standIn.requests.slice(before);
        return { ...outcome, asked, got: named(outcome.bytes) };
      } finally {
        await http.close();
      }
    },
  };
}
