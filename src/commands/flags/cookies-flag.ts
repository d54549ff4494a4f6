import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { readCookiesOfFile } from '../../activities/sources/google-login/cookies-of-file.ts';
import type { Config } from '../../config.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import type { SavedCookies } from '../../domain/network/cookie-file.ts';
import type { Folders } from './values/out-folder.ts';

const FLAG = '--cookies';

/** Of verbs that start a worker: cookies stay in its process. */
export function addCookiesFlag(command: Command): Command {
  return command.option(
    `${FLAG} <file>`,
    "ask Drive with Google's cookies of this file (Netscape format, mode 600)",
  );
}

/** Reads the cookies too: a file that is no good is refused before anything is started. The flag goes before FFHQ_COOKIES. */
export function readCookies(
  values: OptionValues,
  { given }: Folders,
  { cookieFile, googleOrigin }: Pick<Config, 'cookieFile' | 'googleOrigin'>,
): SavedCookies | undefined {
  const file: unknown = values.cookies ?? cookieFile;
  if (typeof file !== 'string') return undefined;
  const said = values.cookies === undefined ? 'environment [FFHQ_COOKIES]' : `flag [${FLAG}]`;
  if (file === '') throw refused(`${said}: expected a file, got nothing`);
  if (googleOrigin !== undefined && !isThisMachine(new URL(googleOrigin)))
    throw refused(
      `${said}: expected no FFHQ_GOOGLE_ORIGIN beside it that leads to another machine, got both: cookies are for Google alone`,
    );
  return readCookiesOfFile(resolve(given, file), said);
}

function isThisMachine({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
