import { expect, test } from 'vitest';
import { explainSwallowed, swallowedFlags } from '../../../src/commands/flags/swallowed-flags.ts';

const flags = ['--sample', '--json', '--num_threads', '--source-dir', '--out'];
const npm = { npm_lifecycle_event: 'start', npm_config_prefix: '/usr', npm_config_cache: '/c' };

test('flags that npm kept are found, under every spelling', () => {
  const env = { ...npm, npm_config_sample: 'true', npm_config_num_threads: '4', npm_config_source_dir: 'x' };
  expect(swallowedFlags(env, [], flags)).toEqual(['--sample', '--num_threads', '--source-dir']);
});

test('the explanation holds a command that works, with the verb where it belongs', () => {
  const explain = (script: string, given: readonly string[], argv: readonly string[], values = {}) => {
    const env = { ...npm, ...Object.fromEntries(given.map((flag) => [nameOf(flag), 'true'])), ...values };
    return explainSwallowed(script, given, env, argv, ['--num_threads', '--source-dir', '--out']).at(-1);
  };
  const nameOf = (flag: string) => `npm_config_${flag.slice(2).replaceAll('-', '_')}`;
  expect(explain('start', ['--sample'], ['run'])).toBe('try: npm start -- --sample');
  expect(explain('start', ['--json', '--out'], ['run'], { npm_config_out: 'here' })).toBe(
    'try: npm start -- --json --out=here',
  );
  // As `npm start --json --out here` arrives.
  expect(explain('start', ['--json', '--out'], ['run', 'here'])).toBe('try: npm start -- --json --out here');
  expect(explain('start', ['--out', '--num_threads'], ['run', 'here', '4'])).toBe(
    'try: npm start -- --out ... --num_threads ...',
  );
  expect(explain('client', ['--json'], ['start'])).toBe('try: npm run client -- start --json');
});

test("npm's own settings, and flags that reached the command, are not taken for swallowed ones", () => {
  expect(swallowedFlags({ ...npm, npm_config_json: '' }, [], flags)).toEqual([]);
  expect(swallowedFlags({ ...npm, npm_config_json: 'true' }, ['--json'], flags)).toEqual([]);
});

test('a command that npm did not run, or ran as part of another script, is left alone', () => {
  expect(swallowedFlags({ npm_config_json: 'true' }, [], flags)).toEqual([]);
  expect(swallowedFlags({ npm_lifecycle_event: 'test', npm_config_json: 'true' }, [], flags)).toEqual([]);
});
