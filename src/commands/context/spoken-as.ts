/** A command as the person at this terminal would type it. */
export type SpokenAs = (verb: string, ...words: readonly string[]) => string;

/**
 * Hints name commands that work where they are read: `ffhq server` where the package is installed, `npm run server` in
 * a checkout, whose `ffhq` is on nobody's PATH.
 *
 * @param project folder of the program; an installed one lies in a `node_modules`
 */
export function spokenAs(project: string): SpokenAs {
  const isInstalled = project.split(/[\\/]/).includes('node_modules');
  return (verb, ...words) => {
    if (isInstalled) return ['ffhq', verb, ...words].join(' ');
    const script = npmScripts[verb];
    if (script === undefined) return ['npx ffhq', verb, ...words].join(' ');
    return [script, ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
  };
}

/** Verbs that have a script of their own in package.json. */
const npmScripts: Readonly<Record<string, string>> = {
  run: 'npm start',
  server: 'npm run server',
  worker: 'npm run worker',
};
