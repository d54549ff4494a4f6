/**
 * `npm start --sample` (without `--`) gives the flag to npm, which drops it into the environment as
 * `npm_config_sample`. The command then runs without the flag, which this notices.
 */
export function swallowedFlags(
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
  longFlags: readonly string[],
): string[] {
  const script = env.npm_lifecycle_event;
  if (script === undefined || !npmScripts.includes(script)) return [];
  const given = new Set(
    argv.filter((word) => word.startsWith('--')).map((word) => canonical(word.split('=')[0] ?? '')),
  );
  return longFlags.filter((flag) => {
    const value = env[`npm_config_${canonical(flag)}`];
    // npm exports flags that are off as empty text.
    return value !== undefined && value !== '' && !given.has(canonical(flag));
  });
}

/**
 * What to say about them; the last line is a command that works. npm takes `--out DIR` for a flag without a value and
 * leaves DIR among the words: with one such flag and one such word it is clear where it belongs.
 */
export function explainSwallowed(
  script: string,
  flags: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
  valueFlags: readonly string[],
): string[] {
  // Each script has its own verb, except `client`, where people give it.
  const verb = script === 'client' ? argv.slice(0, 1) : [];
  const words = argv.slice(1);
  const isBare = (flag: string) => ['true', undefined].includes(env[`npm_config_${canonical(flag)}`]);
  const lacking = flags.filter((flag) => isBare(flag) && valueFlags.includes(flag));
  const isClear = lacking.length === 1 && words.length === 1;
  const given = flags.map((flag) => {
    if (!isBare(flag)) return `${flag}=${env[`npm_config_${canonical(flag)}`]}`;
    if (!lacking.includes(flag)) return flag;
    return isClear ? `${flag} ${words[0]}` : `${flag} ...`;
  });
  const rest = lacking.length > 0 ? [] : words;
  const npm = script === 'start' ? 'npm start' : `npm run ${script}`;
  return [
    `flags [${flags.join(' ')}]: npm consumed these flags because they came before \`--\``,
    `try: ${npm} -- ${[...verb, ...given, ...rest].join(' ')}`,
  ];
}

/** The scripts of package.json that run this command line. */
const npmScripts: readonly string[] = ['start', 'server', 'worker', 'client'];

function canonical(flag: string): string {
  return flag.replace(/^--/, '').replaceAll('-', '_').toLowerCase();
}
