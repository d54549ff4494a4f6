import fc from 'fast-check';
import {
  type Read,
  readOAuthClient,
  readSavedLogin,
  readServiceAccountKey,
  savedLoginText,
} from '../../../../src/domain/network/google-keys.ts';
import { readRedirectBack } from '../../../../src/domain/network/redirect-back.ts';
import { parsedJson } from '../../../../src/domain/parsed-json.ts';
import { hostileText } from '../../../support/hostile-text.ts';
import { hostileJson, textOf } from '../../hostile/json.ts';
import { law } from '../../law.ts';

const SECRET = 'planted-secret';
const client = { id: 'an-id', secret: SECRET };
const pem = `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----\n`;

const files: readonly (readonly [file: object, read: (json: unknown) => Read<unknown>])[] = [
  [{ installed: { client_id: client.id, client_secret: SECRET } }, readOAuthClient],
  [{ type: 'service_account', client_email: 'a@b', private_key: pem }, readServiceAccountKey],
  [JSON.parse(savedLoginText({ client, refreshToken: SECRET })), readSavedLogin],
];

/** Files with credentials, whatever is in them: read, or refused in a sentence that repeats nothing. */
export const googleLogins = law(
  'google-logins',
  150,
  fc.record({ nth: fc.nat(files.length - 1), json: hostileJson(), text: fc.option(hostileText) }),
  ({ nth, json, text }) => {
    const [file, read] = files[nth] as (typeof files)[number];
    const got = read(parsedJson(text ?? textOf(file, json)));
    if ('read' in got) {
      if (!/^[\x20-\x7e]*$/.test(JSON.stringify(got.read)) && nth !== 1)
        throw new Error(`read: expected words, got ${JSON.stringify(got.read)}`);
      return;
    }
    if (!/^expected [^\p{C}]{1,200}$/u.test(got.problem) || got.problem.includes(SECRET))
      throw new Error(`problem: expected a printable sentence, got ${got.problem}`);
  },
);

const HOME = 'http://127.0.0.1:4711/signed-in';
const STATE = 'the-state-of-this-sign-in';

/** What a browser or a person brings back: without this sign-in's state nothing of it counts. */
export const redirectsBack = law(
  'redirects-back',
  150,
  fc.record({
    home: fc.constantFrom(HOME, 'http://127.0.0.1:4711', 'http://127.0.0.1/signed-in', 'http://evil.example'),
    fields: fc.array(
      fc.tuple(fc.constantFrom('state', 'code', 'error', 'x'), fc.oneof(fc.constant(STATE), hostileText)),
    ),
    text: fc.option(hostileText),
  }),
  ({ home, fields, text }) => {
    const url = text ?? `${home}?${new URLSearchParams(fields)}`;
    const back = readRedirectBack(url, HOME, STATE);
    if (back.says === 'nothing') {
      if (!/^expected [^\p{C}]{1,200}$/u.test(back.problem))
        throw new Error(`problem: expected a printable sentence, got ${back.problem}`);
      return;
    }
    const states = fields.filter(([name]) => name === 'state');
    if (home !== HOME || states.length !== 1 || states[0]?.[1] !== STATE)
      throw new Error(`redirect: expected to be turned away, got ${back.says}`);
    if (!/^[\x21-\x7e ]{1,2048}$/.test(back.code)) throw new Error(`code: expected a word, got ${back.code}`);
  },
);
