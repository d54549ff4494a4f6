import { existsSync } from 'node:fs';
import { type LoginPlace, readLogin, removeLogin } from '../../activities/sources/google-login/login-file.ts';
import { MOST_ANSWER_MS } from '../../activities/sources/google-login/sign-in-server.ts';
import { type HttpClient, readPage } from '../../activities/sources/http/client.ts';
import { HttpError } from '../../activities/sources/http/http-error.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { type ExitCode, exitCodes } from '../../domain/failure/exit-code.ts';
import { SECOND } from '../../domain/run/time-units.ts';
import type { Display } from '../../terminal/display.ts';

const REVOKE_URL = new URL('https://oauth2.googleapis.com/revoke');

/** Removes the login here, and ends it at Google: whoever has a copy of the file has nothing then. */
export async function forget(
  { path }: LoginPlace,
  http: HttpClient,
  display: Display,
  signal: AbortSignal,
): Promise<ExitCode> {
  if (!existsSync(path)) {
    display.say(
      { event: 'login', service: 'google', state: 'none', path },
      `no login to forget: nothing at ${path}`,
    );
    return exitCodes.complete;
  }
  const saved = await readLogin(path);
  const problem = 'problem' in saved ? saved.problem : await revoke(http, saved.read.refreshToken, signal);
  signal.throwIfAborted();
  await removeLogin(path);
  if (problem !== undefined)
    throw refused(
      `login google: removed ${path}, but could not end the login at Google: ${problem}; ` +
        'end it at https://myaccount.google.com/connections',
    );
  display.say(
    { event: 'login', service: 'google', state: 'forgotten', path },
    `forgotten: ${path} is removed, and the login is ended at Google`,
  );
  return exitCodes.complete;
}

/** Undefined: it is ended, now or before. The token goes in the body: a URL is written down on the way. */
async function revoke(http: HttpClient, token: string, signal: AbortSignal): Promise<string | undefined> {
  const inTime = AbortSignal.timeout(MOST_ANSWER_MS);
  try {
    const form = new URLSearchParams({ token }).toString();
    const response = await http.post(REVOKE_URL, form, { signal: AbortSignal.any([signal, inTime]) });
    const text = await readPage(response.body);
    const isEnded = response.status === 200 || (response.status === 400 && text.includes('"invalid_token"'));
    return isEnded ? undefined : `status ${response.status}`;
  } catch (error) {
    if (error instanceof HttpError) return error.message;
    if (inTime.aborted && !signal.aborted) return `no answer within ${MOST_ANSWER_MS / SECOND} s`;
    throw error;
  }
}
