import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OptionValues } from 'commander';
import {
  askByCode,
  consentUrl,
  makeVerifier,
  SCOPE,
} from '../../activities/sources/google-login/google-library.ts';
import { type LoginPlace, loginPlace, saveLogin } from '../../activities/sources/google-login/login-file.ts';
import {
  askForTokens,
  type SendForm,
  type Tokens,
} from '../../activities/sources/google-login/sign-in-server.ts';
import { type HttpClient, makeHttpClient } from '../../activities/sources/http/client.ts';
import { CommandFailure, refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { isLoopback } from '../../domain/network/proxies.ts';
import { readRedirectBack } from '../../domain/network/redirect-back.ts';
import { MINUTE } from '../../domain/run/time-units.ts';
import type { Display } from '../../terminal/display.ts';
import { type CommandContext, displayFor, type Verb } from '../context/context.ts';
import { InterruptedError, unlessInterrupted } from '../context/interrupts.ts';
import { readNetworkFlags } from '../flags/network-flags.ts';
import { forget } from './forget.ts';
import { pastedLine } from './pasted-line.ts';
import { type Ending, OverheardError, waitForRedirect } from './redirect-server.ts';
import { whichClient } from './which-client.ts';

/** How long the person has for Google's pages. */
const PATIENCE_MS = 15 * MINUTE;

const NOTHING_SAVED = 'nothing was saved';

/** `ffhq login google`, with what it takes. */
export const signInOrForget: Verb = async (context, values) => {
  const place = loginPlace(context.env);
  if (place === undefined)
    throw refused('login google: expected HOME, XDG_CONFIG_HOME or FFHQ_GOOGLE_LOGIN to be set, got none');
  const display = displayFor(context, values);
  const http = clientFor(context, values);
  try {
    if (values.forget === true) return await forget(place, http, display, context.interrupt);
    return await signIn(context, values, place, http, display);
  } catch (error) {
    if (!(error instanceof InterruptedError) && !context.interrupt.aborted) throw error;
    const exitCode = exitCodes.interrupted;
    display.say({ event: 'result', status: 'interrupted', exitCode }, `interrupted: ${NOTHING_SAVED}`);
    return exitCode;
  } finally {
    await http.close();
  }
};

async function signIn(
  context: CommandContext,
  values: OptionValues,
  { path }: LoginPlace,
  http: HttpClient,
  display: Display,
) {
  const { interrupt, env } = context;
  const client = await whichClient(context, values, path);
  const state = randomBytes(32).toString('base64url');
  const { verifier, challenge } = await makeVerifier();
  const server = await waitForRedirect(state, (problem) => {
    display.say({ event: 'note', text: problem }, `somebody else asked here and was turned away: ${problem}`);
  });
  const attempt = { client, redirectUri: server.uri };
  try {
    const url = consentUrl(attempt, state, challenge);
    const isShown = values.browser !== false && context.services.openBrowser(server.onceTo(url), env);
    display.say({ event: 'login', service: 'google', state: 'waiting', url }, wordsOf(url, isShown));
    const code = codeOf(await endingOf(context, server.came, isShown, server.uri, state));
    const tokens = await tokensFor(http, interrupt, (send) => askByCode(attempt, code, verifier, send));
    const refreshToken = usable(tokens);
    await keep(() => saveLogin(path, { client, refreshToken }), path);
  } finally {
    await server.close();
  }
  const lines = [
    `signed in; kept for you alone in ${path}`,
    `Workers of this user on this machine use it from their next start on. \`${context.spoken('login', 'google', '--forget')}\` ends it.`,
  ];
  if (env.FFHQ_GOOGLE_SERVICE_ACCOUNT)
    lines.push('FFHQ_GOOGLE_SERVICE_ACCOUNT is set: it goes before this login.');
  display.say({ event: 'login', service: 'google', state: 'signed in', path }, lines);
  return exitCodes.complete;
}

function clientFor(context: CommandContext, values: OptionValues): HttpClient {
  const { googleOrigin, proxies, tokens } = context.config;
  if (googleOrigin !== undefined && !isLoopback(new URL(googleOrigin).hostname))
    throw refused(
      'environment [FFHQ_GOOGLE_ORIGIN]: expected none, or one of this machine, to sign in, got another',
    );
  const network = readNetworkFlags(values, context.folders, context.env);
  return makeHttpClient({ connections: 1, googleOrigin, network: { ...network, proxies, tokens } });
}

function wordsOf(url: string, isShown: boolean): readonly string[] {
  if (isShown)
    return ['Google asks you in your browser now. If no page came up, open this one on this machine:', url];
  return [
    'Open this page in any browser, on any machine, and let ffhq see files of Google Drive:',
    url,
    'At the end the browser is led to an address of 127.0.0.1. Where it can not open that, copy the whole',
    'address out of its address bar, paste it here, and press Enter:',
  ];
}

/** Whichever comes first: the browser itself, or its address, pasted. */
async function endingOf(
  { stdin, interrupt }: CommandContext,
  came: Promise<Ending>,
  isShown: boolean,
  uri: string,
  state: string,
): Promise<Ending> {
  const over = new AbortController();
  const ways = [came, tooLate(over.signal)];
  const input = stdin();
  // Beside a browser only a person at a terminal pastes; a script's input is its own.
  if (!isShown || input.isTTY === true) {
    ways.push(
      pastedLine(input, over.signal).then((line) => {
        if (line !== undefined) return readPasted(line, uri, state);
        if (isShown) return came;
        throw refused(
          "login google: expected the redirect's URL on standard input, got its end; nothing was saved",
        );
      }),
    );
  }
  // Those that lose end with the race.
  for (const way of ways) way.catch(() => {});
  try {
    return await unlessInterrupted(interrupt, Promise.race(ways));
  } catch (error) {
    if (!(error instanceof OverheardError)) throw error;
    throw refused(
      `login google: ${error.message}; ${NOTHING_SAVED}: give the command again, with --no-browser`,
    );
  } finally {
    over.abort(new Error('the sign-in is over'));
  }
}

async function tooLate(signal: AbortSignal): Promise<never> {
  await sleep(PATIENCE_MS, undefined, { signal });
  throw refused(
    `login google: expected Google's answer within ${PATIENCE_MS / MINUTE} minutes, got none; ${NOTHING_SAVED}`,
  );
}

function readPasted(line: string, uri: string, state: string): Ending {
  const back = readRedirectBack(line, uri, state);
  if (back.says !== 'nothing') return back;
  throw refused(`login google: ${back.problem}; ${NOTHING_SAVED}: give the command again`);
}

function codeOf(ending: Ending): string {
  if (ending.says === 'code') return ending.code;
  const why = ending.code === 'access_denied' ? `${ending.code}: it was not given` : ending.code;
  throw refused(`login google: expected your consent, got ${why}; ${NOTHING_SAVED}`);
}

async function tokensFor(
  http: HttpClient,
  interrupt: AbortSignal,
  ask: (send: SendForm) => Promise<unknown>,
): Promise<Tokens> {
  const asked = await askForTokens(http, interrupt, ask);
  switch (asked.status) {
    case 'given':
      return asked.tokens;
    case 'refused':
      throw refused(
        `login google: expected a token, got ${asked.code}: ${meaningOf(asked.code)}; ${NOTHING_SAVED}`,
      );
    case 'failed':
      throw refused(`login google: ${asked.failure.detail}; ${NOTHING_SAVED}: give the command again`);
    default:
      return asked satisfies never;
  }
}

function meaningOf(code: string): string {
  switch (code) {
    case 'invalid_client':
    case 'unauthorized_client':
      return 'the client id and its secret do not belong together, or the client is gone';
    case 'invalid_grant':
      return 'the code was used before, or is too old';
    case 'redirect_uri_mismatch':
      return 'the OAuth client is not of type "Desktop app"';
    default:
      return 'Google does not take it';
  }
}

function usable({ refreshToken, scopes }: Tokens): string {
  if (scopes !== undefined && !scopes.includes(SCOPE))
    throw refused(
      `login google: expected the right to see files of Google Drive, got less: tick its box on Google's page; ${NOTHING_SAVED}`,
    );
  if (refreshToken !== undefined) return refreshToken;
  throw refused(
    'login google: expected a login that stays, got one for an hour: remove the app at ' +
      `https://myaccount.google.com/connections and give the command again; ${NOTHING_SAVED}`,
  );
}

async function keep(save: () => Promise<void>, path: string): Promise<void> {
  try {
    await save();
  } catch (error) {
    const got = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const message = `login google [file=${path}]: expected to keep the login there, got ${got}; ${NOTHING_SAVED}`;
    throw new CommandFailure(message, exitCodes.refusedInput, { cause: error });
  }
}
