import { expect, test } from 'vitest';
import { AskedHosts } from '../../../src/activities/limits/asked-hosts.ts';
import { Crowd } from '../../../src/activities/sources/flow/crowd.ts';

const never = new AbortController().signal;

/** A host that refused all but 6 of 8. */
async function bearsSix(now: () => number): Promise<Crowd> {
  const crowd = new Crowd(8, now);
  const places = await Promise.all(Array.from({ length: 8 }, async () => crowd.enter('somebody', never)));
  for (const place of places) {
    place.refused();
    place.leave('otherwise');
  }
  expect(crowd.bearing.most).toBe(6);
  return crowd;
}

test('files are held by what the hosts on their own way bear, and only while those are asked', async () => {
  let now = 0;
  const clock = () => now;
  const hosts = new AskedHosts(clock);
  const [six, all] = [await bearsSix(clock), new Crowd(8, clock)];
  expect(hosts.mostFrom('drive')).toBe(Number.POSITIVE_INFINITY);
  const over = hosts.ask('bytes', six, 'drive');
  hosts.ask('other', all, 'other')();
  expect(hosts.mostFrom('drive')).toBe(8);
  expect(hosts.mostFrom('other')).toBe(Number.POSITIVE_INFINITY);
  // A mirror's host is not the one in the file's own URL.
  expect(hosts.mostFrom('nobody has begun here')).toBe(8);
  over();
  over();
  expect(hosts.mostFrom('nobody has begun here')).toBe(Number.POSITIVE_INFINITY);
  now += 1_000;
  expect(hosts.mostFrom('drive')).toBe(8);
  now += 2_000;
  expect(hosts.mostFrom('drive')).toBe(Number.POSITIVE_INFINITY);
});

test('however many hosts there are, few are shown and not many remembered', async () => {
  const clock = () => 0;
  const hosts = new AskedHosts(clock);
  const crowd = await bearsSix(clock);
  for (let at = 0; at < 1_000; at++) hosts.ask(`h${at}`, crowd, `h${at}`)();
  expect(hosts.bearings.map(({ host }) => host)).toEqual(['h996', 'h997', 'h998', 'h999']);
});
