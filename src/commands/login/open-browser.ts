import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Shows a page in the person's browser; false where there is none to be seen from here. */
export function openBrowser(url: string, env: Environment, platform = process.platform): boolean {
  const command = browserCommand(env, platform);
  if (command === undefined) return false;
  const [program, ...words] = command;
  const child = spawn(program, [...words, url], { detached: true, stdio: 'ignore' });
  // The page's address is on the terminal too.
  child.on('error', () => {});
  child.unref();
  return true;
}

/** What shows a page, by its absolute path: not whatever lies in the folder where the command is given. */
export function browserCommand(
  env: Environment,
  platform: NodeJS.Platform,
): readonly [program: string, ...words: string[]] | undefined {
  // The screen is another machine's.
  if (env.SSH_CONNECTION || env.SSH_TTY) return undefined;
  if (platform === 'darwin') return ['/usr/bin/open'];
  if (platform !== 'linux' || !(env.DISPLAY || env.WAYLAND_DISPLAY)) return undefined;
  const folders = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const program = folders.map((folder) => join(folder, 'xdg-open')).find(isExecutable);
  return program === undefined ? undefined : [program];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
