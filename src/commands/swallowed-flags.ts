/**
 * `npm start --sample` (without `--`) gives the flag to npm, which drops it into the environment as
 * `npm_config_sample`. The command then runs without it: noticed here.
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

/** What to say of them; the last line can be typed as it stands. */
export function explainSwallowed(
  script: string,
  flags: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
): string {
  const words = flags.map((flag) => {
    const value = env[`npm_config_${canonical(flag)}`];
    return value === 'true' || value === undefined ? flag : `${flag}=${value}`;
  });
  const npm = script === 'start' ? 'npm start' : `npm run ${script}`;
  return (
    `flags [${flags.join(' ')}]: expected behind a lone --, got in front of it, where npm keeps them for itself\n` +
    `try: ${npm} -- ${[...words, ...argv].join(' ')}`
  );
}

/** The scripts of package.json that run this command line. */
const npmScripts: readonly string[] = ['start', 'server', 'worker', 'client'];

function canonical(flag: string): string {
  return flag.replace(/^--/, '').replaceAll('-', '_').toLowerCase();
}
