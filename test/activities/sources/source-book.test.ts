import { afterAll, beforeAll, expect, test } from 'vitest';
import { SourceRequestError } from '../../../src/activities/sources/contract/source-definition.ts';
import { sourceDefinitions } from '../../../src/activities/sources/index.ts';
import { makeSourceBook, type SourceBook, secretsOf } from '../../../src/activities/sources/source-book.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../src/stand-in/files.ts';
import { outcomeOf } from './reading.ts';

const bytes = Buffer.from('a licence');
let drive: DriveStandIn;
let book: SourceBook;
beforeAll(async () => {
  const files = new Map([['license', fileOfBytes(bytes, { name: 'LICENSE.txt', path: 'LICENSE.txt' })]]);
  drive = await startDriveStandIn({ files });
  book = makeSourceBook({ connections: 2, googleOrigin: drive.origin, env: {} });
});
afterAll(async () => {
  await book.close();
  await drive.close();
});

test('a URL that the user named is opened by itself: on Drive, or on a host that is allowed', async () => {
  const file = { kind: 'licenses' as const, key: 'LICENSE.txt', path: 'LICENSE.txt' };
  const onDrive = { ...file, url: 'https://drive.google.com/uc?id=license' };
  expect((await outcomeOf(await book.namedUrl([]), onDrive)).bytes).toEqual(bytes);
  const elsewhere = { ...file, url: `${drive.origin}/LICENSE.txt` };
  expect((await outcomeOf(await book.namedUrl([]), elsewhere)).failure?.reason).toBe('host-not-allowed');
  const allowed = await book.namedUrl([new URL(drive.origin).host]);
  expect((await outcomeOf(allowed, elsewhere)).bytes).toEqual(bytes);
});

test('a URL that may hold a secret is not asked for, though a request names it, and is not repeated', async () => {
  const file = { kind: 'licenses' as const, key: 'LICENSE.txt', path: 'LICENSE.txt' };
  const { host } = new URL(drive.origin);
  const before = drive.requests.length;
  for (const url of [`${drive.origin}/LICENSE.txt?token=hunter2`, `http://u:hunter2@${host}/LICENSE.txt`]) {
    const { failure } = await outcomeOf(await book.namedUrl([host]), { ...file, url });
    expect(failure?.detail).toContain('FFHQ_TOKENS');
    expect(JSON.stringify(failure)).not.toContain('hunter2');
  }
  expect(drive.requests.length).toBe(before);
});

test('a request that no source here can serve is told as what it is', async () => {
  const opened = book.open({ name: 'ftp' }, []);
  await expect(opened).rejects.toThrow(SourceRequestError);
  await expect(opened).rejects.toThrow('source [name=ftp]: expected one of google-drive, ');
  for (const { name, flags } of sourceDefinitions) {
    if (flags.length > 0)
      await expect(book.open({ name }, [])).rejects.toThrow(`source [name=${name}]: expected`);
  }
});

test('a worker that lacks a secret of the source says which, and repeats none', () => {
  const source = { name: 'vault', secrets: ['VAULT_USER', 'VAULT_TOKEN'] };
  expect(secretsOf(source, { VAULT_USER: 'u', VAULT_TOKEN: 't', OTHER: 'o' })).toEqual({
    VAULT_USER: 'u',
    VAULT_TOKEN: 't',
  });
  expect(() => secretsOf(source, { VAULT_USER: 'u', VAULT_TOKEN: '' })).toThrow(
    'source [name=vault]: expected VAULT_TOKEN in the environment of the worker, got none',
  );
});
