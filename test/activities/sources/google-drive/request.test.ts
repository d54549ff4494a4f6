import { expect, test } from 'vitest';
import { googleDrive } from '../../../../src/activities/sources/google-drive/request.ts';
import { flagsGiven } from '../flag-reader.ts';

test('Google Drive needs no flag, asks the hosts of the manifest, and allows none beyond those built in', () => {
  const request = googleDrive.read(flagsGiven({}));
  expect(request).toEqual({ name: 'google-drive' });
  expect(googleDrive.describe(request)).toBe('Google Drive');
  expect(googleDrive.asksFileUrls).toBe(true);
  expect(googleDrive.namedUrls(request)).toEqual([]);
});
