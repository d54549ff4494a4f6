import { expect, test } from 'vitest';
import { publicUrlOf } from '../../../src/domain/gate/public-url.ts';

test.each([
  [
    'https://drive.google.com/uc?id=id42&resourcekey=0-SECRET',
    'https://drive.google.com/uc?export=download&id=id42',
  ],
  [
    'https://drive.google.com/file/d/id42/view?resourcekey=0-SECRET',
    'https://drive.google.com/uc?export=download&id=id42',
  ],
  [
    'https://doc-0k-8s-docs.googleusercontent.com/docs/securesc/SECRET/id42?e=download',
    'https://doc-0k-8s-docs.googleusercontent.com/',
  ],
  ['https://www.googleapis.com/drive/v3/files/id42?key=SECRET', 'https://www.googleapis.com/'],
  ['https://me:SECRET@data.example:8443/a/b.png?token=SECRET#SECRET', 'https://data.example:8443/a/b.png'],
  ['http://data.example/a', 'http://data.example/a'],
  ['file:///home/SECRET', ''],
  ['SECRET', ''],
])('of %s a gate keeps what asks the same hosts, and nothing that lets a reader in', (url, kept) => {
  expect(publicUrlOf(url)).toBe(kept);
});
