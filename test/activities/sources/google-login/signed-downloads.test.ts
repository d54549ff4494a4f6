import { expect, onTestFinished, test } from 'vitest';
import { saveLogin } from '../../../../src/activities/sources/google-login/login-file.ts';
import { makeSourceBook } from '../../../../src/activities/sources/source-book.ts';
import { fileOfBytes } from '../../../../src/stand-in/files.ts';
import { eventually } from '../../../support/eventually.ts';
import { bytes, file } from '../google-drive/api/api-drive.ts';
import { named, outcomeOf } from '../reading.ts';
import { savedLogin, serviceAccountKey, startSignIn } from './sign-in.ts';

/** A worker that signs as its environment says, in front of Google. */
async function signedBy(who: typeof savedLogin | typeof serviceAccountKey) {
  const label = { name: '00042.png', path: file.path };
  const signIn = await startSignIn({ files: new Map([['id42', fileOfBytes(bytes, label)]]) });
  const account = await who(signIn);
  const { origin } = signIn.standIn;
  const book = makeSourceBook({ connections: 8, googleOrigin: origin, env: account.env });
  onTestFinished(() => book.close());
  const source = await book.open({ name: 'google-drive' }, []);
  const get = async (offset = 0) => {
    const { bytes: got, failure } = await outcomeOf(source, file, { offset });
    return failure ?? named(got);
  };
  return { ...signIn, ...account, get, book };
}

const whole = named(bytes);

test.each([
  ['login', savedLogin],
  ['service account', serviceAccountKey],
])('a %s downloads by the API: its token goes there, in a header, and nowhere else', async (_, who) => {
  const { get, standIn } = await signedBy(who);
  expect(await get()).toBe(whole);
  expect(standIn.requests.map(({ host, authorization }) => [host, authorization])).toEqual([
    ['oauth2.googleapis.com', false],
    ['www.googleapis.com', true],
  ]);
  expect(standIn.requests.map(({ query }) => query)).toEqual([{}, { alt: 'media' }]);
});

test('a token that ends in mid-run is renewed once for all files, and the rest of a file comes with the new one', async () => {
  const { get, desk, standIn } = await signedBy(savedLogin);
  standIn.behave('id42', { kind: 'cut', afterBytes: 50_000, how: 'reset', times: 1 });
  expect(await get()).toMatchObject({ reason: expect.stringMatching(/connection|short-body/) });
  // Tokens of the same second are taken for the same one: answers to all who were refused at once.
  await eventually('another second', async () => {
    desk.expireAll();
    const all = await Promise.all(Array.from({ length: 6 }, () => get(50_000)));
    return all.every((one) => one === named(bytes.subarray(50_000))) && desk.questions >= 2;
  });
  expect(standIn.requests.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
  expect(standIn.requests.every(({ query }) => Object.keys(query).every((name) => name === 'alt'))).toBe(
    true,
  );
});

test('a login that Google ends in mid-run stops the run with what to do, and another one lets it go on', async () => {
  const { get, desk, path } = await signedBy(savedLogin);
  expect(await get()).toBe(whole);
  const failure = await eventually('the end of the token', async () => {
    desk.revokeAll();
    const got = await get();
    return typeof got === 'string' || !got.detail.includes('invalid_grant') ? undefined : got;
  });
  expect(failure).toMatchObject({
    reason: 'credential',
    detail: expect.stringContaining('ffhq login google'),
  });
  await saveLogin(path, { client: desk.client, refreshToken: desk.signIn() });
  await eventually('the file', async () => (await get()) === whole);
});

test('a worker is told before its first task of a file that does not serve, and of what it does not use', async () => {
  const { folder, env } = await signedBy(serviceAccountKey);
  const look = (env: Record<string, string>) => {
    const book = makeSourceBook({ connections: 1, env });
    onTestFinished(() => book.close());
    return book.lookAtCredentials();
  };
  expect(await look({})).toEqual({});
  expect(await look(env)).toEqual({});
  expect(await look({ ...env, FFHQ_GOOGLE_API_KEY: 'AIza-any-key' })).toEqual({
    note: 'credentials: service-account is used, and api-key is not',
  });
  expect(await look({ FFHQ_GOOGLE_LOGIN: `${folder}/nothing` })).toMatchObject({
    problem: expect.stringMatching(
      /^login \[file=.*nothing\]: expected a file that can be read, got ENOENT$/,
    ),
  });
});
