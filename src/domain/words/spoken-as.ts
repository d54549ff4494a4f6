/** A command of this program as the person at the terminal would type it. */
export type SpokenAs = (verb: string, ...words: readonly string[]) => string;

/** Where the program is installed, its name is on the PATH. */
export const spokenByName: SpokenAs = (...words) => ['ffhq', ...words].join(' ');

/**
 * Hints name commands that work where they are read: `ffhq server` where the package is installed, `npm run server` in
 * a checkout. Outside of it `npx` would ask the registry for a package of that name, so it is not spoken there.
 *
 * @param project folder of the program; an installed one lies in a `node_modules`
 * @param isThere was the command given in that folder, or below it?
 */
export function spokenAs(project: string, isThere = true): SpokenAs {
  if (project.split(/[\\/]/).includes('node_modules')) return spokenByName;
  return (verb, ...words) => {
    const script = npmScripts[verb];
    if (script === undefined) return `${isThere ? 'npx ' : ''}${spokenByName(verb, ...words)}`;
    return [script, ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
  };
}

/** Verbs that have a script of their own in package.json. */
const npmScripts: Readonly<Record<string, string>> = {
  run: 'npm start',
  server: 'npm run server',
  worker: 'npm run worker',
};
