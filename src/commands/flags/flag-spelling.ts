/**
 * The reference spells its flags with underscores, the rest of the world with hyphens. Both are accepted:
 * every long flag in `argv` gets the spelling under which it is declared. Nothing after a lone `--` is changed.
 */
export function declaredSpelling(argv: readonly string[], longFlags: readonly string[]): string[] {
  const byCanonical = new Map(longFlags.map((flag) => [canonical(flag), flag]));
  const end = argv.indexOf('--');
  return argv.map((word, index) => {
    if (!word.startsWith('--') || word === '--' || (end >= 0 && index > end)) return word;
    const [flag = word, ...value] = word.split('=');
    const declared = byCanonical.get(canonical(flag));
    return declared === undefined ? word : [declared, ...value].join('=');
  });
}

/** The key under which commander keeps a flag's value: `--mirror-url` -> `mirrorUrl`. */
export function attributeOf(flag: string): string {
  return flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function canonical(flag: string): string {
  return flag.slice(2).replaceAll('_', '-');
}
