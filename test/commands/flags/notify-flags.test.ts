import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addNotifyFlags, readNotify } from '../../../src/commands/flags/notify-flags.ts';

const signing = { notifySecret: 'sixteen letters!' };

function read(args: readonly string[], worker: { notifySecret: string | undefined } | undefined = signing) {
  const command = addNotifyFlags(new Command()).exitOverride();
  return readNotify(command.parse(args, { from: 'user' }).opts(), worker);
}

test('a receiver is named by its URL; an hour is how long a wait may last untold', () => {
  expect(read([])).toBeUndefined();
  expect(read(['--notify', 'https://hooks.lab/ffhq'])).toEqual({
    url: 'https://hooks.lab/ffhq',
    afterMs: 3_600_000,
  });
  expect(read(['--notify', 'http://hooks.lab:8080/x', '--notify-after', '30m'])?.afterMs).toBe(1_800_000);
});

test.each([
  [['--notify', 'hooks.lab'], 'flag [--notify]: expected an http(s) URL, got hooks.lab'],
  [['--notify', 'https://hooks.lab/x?key=s3cret'], /expected a URL without user name.*got one with a query/],
  [['--notify-after', '1h'], 'flag [--notify-after]: requires --notify'],
  [
    ['--notify', 'https://hooks.lab/', '--notify-after', 'soon'],
    'flag [--notify-after]: expected a time from 1s to 30d, such as 30m, got soon',
  ],
])('%j is refused, and no secret is repeated', (args, words) => {
  expect(() => read(args)).toThrow(words);
  expect(() => read(args)).not.toThrow(/s3cret/);
});

test('a command whose own worker has nothing to sign with says so before anything is started', () => {
  const args = ['--notify', 'https://hooks.lab/'];
  expect(() => read(args, { notifySecret: undefined })).toThrow(/expected FFHQ_NOTIFY_SECRET/);
  expect(read(args, undefined)?.url).toBe('https://hooks.lab/');
});
