import { expect, test } from 'vitest';
import { tarFiles } from '../../../../src/activities/sources/tar/request.ts';
import { flagsGiven } from '../flag-reader.ts';

test('tars are asked for as zips are, by a flag of their own', () => {
  const request = tarFiles.read(flagsGiven({ '--tar': '00000.tar,01000.tar' }));
  expect(request).toEqual({ name: 'tar', archive1: '/given/00000.tar', archive2: '/given/01000.tar' });
  expect(tarFiles.flagsOf(request)).toEqual([['--tar', '/given/00000.tar,/given/01000.tar']]);
});

test('the sample is asked for by an archive of it', () => {
  const request = tarFiles.ofSample?.((name) => `https://drive.google.com/uc?id=${name}`);
  expect(request).toEqual({ name: 'tar', archive1: 'https://drive.google.com/uc?id=sample.tar' });
});
