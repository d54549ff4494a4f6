import { expect, test } from 'vitest';
import { explainSwallowed, swallowedFlags } from '../../src/commands/swallowed-flags.ts';

const flags = ['--sample', '--json', '--num_threads', '--source-dir', '--out'];
const npm = { npm_lifecycle_event: 'start', npm_config_prefix: '/usr', npm_config_cache: '/c' };

test('flags that npm kept are found, under every spelling', () => {
  const env = { ...npm, npm_config_sample: 'true', npm_config_num_threads: '4', npm_config_source_dir: 'x' };
  expect(swallowedFlags(env, [], flags)).toEqual(['--sample', '--num_threads', '--source-dir']);
});

test('the explanation holds a command that works', () => {
  const env = { ...npm, npm_config_sample: 'true', npm_config_out: 'here' };
  const text = explainSwallowed('start', ['--sample', '--out'], env, ['4']);
  expect(text).toContain('npm start -- --sample --out=here 4');
});

test("npm's own settings, and flags that reached the command, are not taken for swallowed ones", () => {
  expect(swallowedFlags({ ...npm, npm_config_json: '' }, [], flags)).toEqual([]);
  expect(swallowedFlags({ ...npm, npm_config_json: 'true' }, ['--json'], flags)).toEqual([]);
});

test('a command that npm did not run, or ran as part of another script, is left alone', () => {
  expect(swallowedFlags({ npm_config_json: 'true' }, [], flags)).toEqual([]);
  expect(swallowedFlags({ npm_lifecycle_event: 'test', npm_config_json: 'true' }, [], flags)).toEqual([]);
});
