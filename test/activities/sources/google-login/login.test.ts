import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { GoogleCredential } from '../../../../src/activities/sources/google-login/credential.ts';
import {
  findCredential,
  lookAtCredentials,
} from '../../../../src/activities/sources/google-login/find-credential.ts';
import { saveLogin } from '../../../../src/activities/sources/google-login/login-file.ts';
import { makeTokenCredential } from '../../../../src/activities/sources/google-login/token-credential.ts';
import type { SignInBehaviour } from '../../../../src/stand-in/sign-in/sign-in-desk.ts';
import { eventually } from '../../../support/eventually.ts';
import { savedLogin, serviceAccountKey, startSignIn } from './sign-in.ts';

const never = new AbortController().signal;

function found(credential: GoogleCredential | undefined): GoogleCredential {
  if (credential === undefined) throw new Error('expected a credential, got none');
  return credential;
}

/** The token that signs, or the failure. */
async function asked(credential: GoogleCredential, renew = false) {
  const answer = await credential.headers(never, renew);
  return answer.status === 'signed' ? answer.headers.authorization?.replace(/^Bearer /, '') : answer.failure;
}

describe('a login', () => {
  test('signs by one token for all who ask at the same time, and a service account does', async () => {
    const signIn = await startSignIn();
    const { desk, tools, standIn } = signIn;
    const accounts = [await savedLogin(signIn), await serviceAccountKey(signIn)];
    for (const [nth, { env }] of accounts.entries()) {
      const credential = found(findCredential(tools(env)));
      const given = await Promise.all(Array.from({ length: 32 }, () => asked(credential)));
      expect(new Set(given).size).toBe(1);
      expect(desk.letsIn(String(given[0]))).toBe(true);
      expect(desk.questions).toBe(nth + 1);
      expect(credential.kind).toBe(nth === 0 ? 'login' : 'service-account');
    }
    // Google's token server, and no other: not the address that the key's file names, no cloud's metadata.
    expect(new Set(standIn.requests.map(({ host, path }) => host + path))).toEqual(
      new Set(['oauth2.googleapis.com/token']),
    );
    expect(standIn.requests.every(({ query }) => Object.keys(query).length === 0)).toBe(true);
  });

  test('that Google has ended says how to sign in again, and the next one is taken without a restart', async () => {
    const signIn = await startSignIn();
    const { path, env, refreshToken } = await savedLogin(signIn);
    const credential = found(findCredential(signIn.tools(env)));
    signIn.desk.revokeAll();
    const failure = await asked(credential);
    expect(failure).toMatchObject({
      reason: 'credential',
      detail: expect.stringContaining('`ffhq login google`'),
    });
    expect(failure).toMatchObject({ detail: expect.stringContaining('invalid_grant') });
    expect(JSON.stringify(failure)).not.toContain(refreshToken);
    await saveLogin(path, { client: signIn.desk.client, refreshToken: signIn.desk.signIn() });
    await eventually('the new login', async () => signIn.desk.letsIn(String(await asked(credential))));
  });

  test.each([
    ['a wrong client secret', undefined, 'credential', 'invalid_client'],
    [
      'a client that is gone',
      { kind: 'refused', error: 'deleted_client', status: 401 },
      'credential',
      'deleted_client',
    ],
    ['an error of the server', { kind: 'status', status: 503 }, 'sign-in', 'status 503'],
    ['too many questions', { kind: 'status', status: 429, retryAfter: '7' }, 'sign-in', 'status 429'],
    ["a page of somebody's on the way", { kind: 'no-json' }, 'sign-in', 'without a token'],
    ['a refusal with a page', { kind: 'status', status: 403 }, 'sign-in', 'status 403'],
  ] as const)('that meets %s says so, and repeats no secret', async (_, behaviour, reason, words) => {
    const signIn = await startSignIn();
    const { env, refreshToken } = await savedLogin(
      signIn,
      behaviour === undefined ? 'GOCSPX-another' : undefined,
    );
    if (behaviour !== undefined) signIn.desk.behave(behaviour satisfies SignInBehaviour);
    const failure = await asked(found(findCredential(signIn.tools(env))));
    expect(failure).toMatchObject({ reason, detail: expect.stringContaining(words) });
    if (words === 'status 429') expect(failure).toMatchObject({ retryAfterMs: 7_000 });
    for (const secret of [refreshToken, signIn.desk.client.secret, 'GOCSPX-another'])
      expect(JSON.stringify(failure)).not.toContain(secret);
  });

  test('is nobody’s fault while Google cannot be reached', async () => {
    const signIn = await startSignIn();
    const { env } = await savedLogin(signIn);
    await signIn.standIn.close();
    expect(await asked(found(findCredential(signIn.tools(env))))).toMatchObject({ reason: 'network-down' });
  });

  test('lets go of whoever no longer waits, and serves the others', async () => {
    const signIn = await startSignIn();
    const { env } = await savedLogin(signIn);
    signIn.desk.behave({ kind: 'no-answer' });
    const credential = found(findCredential(signIn.tools(env)));
    const stop = new AbortController();
    const waiting = credential.headers(stop.signal);
    await eventually('the question', () => signIn.desk.questions === 1);
    stop.abort(new Error('no longer'));
    await expect(waiting).rejects.toThrow('no longer');
  });

  test('is kept for this user alone, as a whole, and refused when others may read it', async () => {
    const signIn = await startSignIn();
    const { path, env } = await savedLogin(signIn);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    // What an ended process left goes with the next one.
    await writeFile(`${signIn.folder}/.login.json.new-abc`, 'half');
    await savedLogin(signIn);
    expect(await readdir(signIn.folder)).toEqual(['login.json']);
    await chmod(path, 0o644);
    const failure = await asked(found(findCredential(signIn.tools(env))));
    expect(failure).toMatchObject({ reason: 'credential', detail: expect.stringContaining('chmod 600') });
  });

  test('is kept by each of several sign-ins at the same time, and the last one stays', async () => {
    const { folder, desk } = await startSignIn();
    const path = `${folder}/login.json`;
    for (let round = 0; round < 20; round++) {
      const tokens = Array.from({ length: 4 }, () => desk.signIn());
      await Promise.all(tokens.map((refreshToken) => saveLogin(path, { client: desk.client, refreshToken })));
      const { refresh_token } = JSON.parse(await readFile(path, 'utf8'));
      expect(tokens).toContain(refresh_token);
      expect(await readdir(folder)).toEqual(['login.json']);
    }
  });

  test('that lies in the user’s configuration is found there, and none is no error', async () => {
    const signIn = await startSignIn();
    const { tools, folder, desk } = signIn;
    expect(findCredential(tools({ XDG_CONFIG_HOME: folder }))).toBeUndefined();
    expect(findCredential(tools({}))).toBeUndefined();
    await saveLogin(`${folder}/ffhq/google-login.json`, { client: desk.client, refreshToken: desk.signIn() });
    for (const env of [{ XDG_CONFIG_HOME: folder }, { XDG_CONFIG_HOME: 'relative', HOME: folder }])
      expect(findCredential(tools(env))?.kind).toBe(
        'XDG_CONFIG_HOME' in env && env.XDG_CONFIG_HOME === folder ? 'login' : undefined,
      );
    expect((await stat(`${folder}/ffhq`)).mode & 0o777).toBe(0o700);
  });

  test('goes before an API key, and behind a service account', async () => {
    const signIn = await startSignIn();
    const both = { ...(await savedLogin(signIn)).env, FFHQ_GOOGLE_API_KEY: 'AIza-something' };
    expect((await lookAtCredentials(both)).map(({ kind }) => kind)).toEqual(['login', 'api-key']);
    const all = { ...both, ...(await serviceAccountKey(signIn)).env };
    expect(findCredential(signIn.tools(all))?.kind).toBe('service-account');
  });
});

describe('a service account', () => {
  test.each([
    [3 * 3_600_000, 'behind', '3 h'],
    [-20 * 60_000, 'ahead of', '20 min'],
  ])(
    'on a machine whose clock is wrong (%i ms) names the clock and by how much',
    async (aheadMs, side, span) => {
      const signIn = await startSignIn();
      const { env } = await serviceAccountKey(signIn);
      signIn.desk.clockAheadMs = aheadMs;
      const failure = await asked(found(findCredential(signIn.tools(env))));
      expect(failure).toMatchObject({
        reason: 'sign-in',
        detail: expect.stringContaining(`clock is ${span} ${side} Google's`),
      });
    },
  );

  test('whose key was revoked says so', async () => {
    const signIn = await startSignIn();
    const { env, email, pem } = await serviceAccountKey(signIn);
    signIn.desk.serviceAccounts.delete(email);
    const failure = await asked(found(findCredential(signIn.tools(env))));
    expect(failure).toMatchObject({ reason: 'credential', detail: expect.stringContaining('revoked') });
    expect(JSON.stringify(failure)).not.toContain(pem.split('\n')[1]);
  });

  test.each([
    ['that others may read', undefined, 'chmod 600'],
    ['of an OAuth client', { installed: {} }, 'the file of an OAuth client'],
    ['without a private key', { type: 'service_account', client_email: 'a@b' }, 'private_key'],
    [
      'with a damaged private key',
      {
        type: 'service_account',
        client_email: 'a@b',
        private_key: '-----BEGIN PRIVATE KEY-----\nAAAAsecret\n',
      },
      'cannot be read',
    ],
    ['that is no JSON', 'secret', 'no JSON object'],
  ])(
    'with a key file %s says what is wrong with it, and nothing of what is in it',
    async (_, content, words) => {
      const signIn = await startSignIn();
      const { env, path } = await serviceAccountKey(signIn, content === undefined ? 0o640 : 0o600);
      if (content !== undefined)
        await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
      const failure = await asked(found(findCredential(signIn.tools(env))));
      expect(failure).toMatchObject({ reason: 'credential', detail: expect.stringContaining(words) });
      expect(JSON.stringify(failure)).not.toContain('secret');
      expect(signIn.desk.questions).toBe(0);
    },
  );
});

describe('a token', () => {
  /** A credential whose server and clock are in hand. */
  function inHand(lifetimeMs: number) {
    const state = { now: 1_000_000, minted: 0, fails: false };
    const mint = async () => {
      if (state.fails) return { status: 'failed', failure: { reason: 'sign-in', detail: 'away' } } as const;
      return { status: 'given', tokens: { accessToken: `token-${++state.minted}`, lifetimeMs } } as const;
    };
    return { state, credential: makeTokenCredential('login', mint, () => state.now) };
  }

  test('is renewed ahead of its end, and goes on being used to its end while no other can be had', async () => {
    const { state, credential } = inHand(3_600_000);
    expect(await asked(credential)).toBe('token-1');
    state.now += 3_200_000;
    expect(await asked(credential)).toBe('token-1');
    state.now += 200_000;
    state.fails = true;
    expect(await asked(credential)).toBe('token-1');
    state.now += 190_000;
    state.fails = false;
    expect(await asked(credential)).toBe('token-2');
    state.now += 3_600_001;
    state.fails = true;
    expect(await asked(credential)).toMatchObject({ reason: 'sign-in' });
  });

  test('that was answered with 401 is renewed once for all who were answered so', async () => {
    const { state, credential } = inHand(3_600_000);
    await asked(credential);
    state.now += 60_000;
    const renewed = await Promise.all([1, 2, 3].map(() => asked(credential, true)));
    expect(renewed).toEqual(Array(3).fill('token-2'));
    state.now += 900;
    expect(await asked(credential, true)).toBe('token-2');
    state.now += 60_000;
    state.fails = true;
    // What Google refuses is given to nobody who says so.
    expect(await asked(credential, true)).toMatchObject({ reason: 'sign-in' });
  });

  test('is no younger when the clock is set back', async () => {
    const { state, credential } = inHand(3_600_000);
    await asked(credential);
    state.now -= 86_400_000;
    expect(await asked(credential)).toBe('token-2');
  });
});
