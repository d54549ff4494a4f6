import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { probeSource } from '../../../src/activities/gates/probe-source.ts';
import { GateBook } from '../../../src/activities/sources/gates/gate-book.ts';
import { makeSourceBook } from '../../../src/activities/sources/source-book.ts';
import type { GateKey } from '../../../src/domain/failure/source-gate.ts';
import type { GateNotice, Probe, Refusal } from '../../../src/domain/gate/source-gate.ts';
import type { Behaviour } from '../../../src/stand-in/behaviours.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../src/stand-in/files.ts';

const KEY = { FFHQ_GOOGLE_API_KEY: 'AIzaPlantedKeyPlantedKeyPlantedKey0123x' };
const path = 'thumbnails128x128/00000/00000.png';
const onDrive: Probe['file'] = { kind: 'thumbs', key: '0', path, url: 'https://drive.google.com/uc?id=id42' };
const drive: Probe = { source: { name: 'google-drive' }, allowedHosts: [], file: onDrive };

let google: DriveStandIn;
beforeEach(async () => {
  google = await startDriveStandIn({
    files: new Map([['id42', fileOfBytes(Buffer.alloc(9_000), { name: '00000.png', path })]]),
  });
});
afterEach(() => google.close());

/** A worker's sources, whose gates are closed as `closed` says. */
function worker(env: Readonly<Record<string, string>> = {}) {
  const closed = new Map<GateKey, GateNotice>();
  const told: [GateKey, Refusal][] = [];
  const gates = new GateBook(
    {
      read: async (gate) => closed.get(gate),
      refuse: async (gate, refusal) => told.push([gate, refusal]) > 0,
      enlist: async () => {},
      hurry: async () => false,
    },
    { dividedBy: 1 },
  );
  const sources = makeSourceBook({ connections: 2, googleOrigin: google.origin, env, gates });
  onTestFinished(() => sources.close());
  return {
    told,
    close: (gate: GateKey) =>
      closed.set(gate, { since: 1, until: 2, reason: 'blocked', detail: 'a page', lookAgainMs: 5_000 }),
    probe: (gate: GateKey, probe = drive) => probeSource({ sources })({ gate, probe }),
  };
}

/** A mirror that answers everything so; with its own probe. */
async function mirror(status: number, headers: Readonly<Record<string, string>> = {}) {
  const server = createServer((_, answer) => answer.writeHead(status, headers).end());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { ...drive, source: { name: 'http-mirror', baseUrl } } satisfies Probe;
}

test('a file, and whatever else Google says of one, opens the gate; its refusal closes it for as long as it names', async () => {
  const { probe, close } = worker();
  close('google');
  expect(await probe('google')).toEqual({ outcome: 'answered' });
  for (const kind of ['quota', 'missing', 'private'] as const) {
    google.behave('id42', { kind });
    expect(await probe('google')).toEqual({ outcome: 'answered' });
  }
  for (const how of ['429', '403', 'redirect'] as const) {
    google.behave('id42', { kind: 'blocked', how, retryAfter: '90' });
    expect(await probe('google')).toMatchObject({ outcome: 'refused', reason: 'blocked' });
  }
  google.behave('id42', { kind: 'blocked', retryAfter: '90' });
  expect(await probe('google')).toMatchObject({ retryAfterMs: 90_000 });
  google.behave('id42', { kind: 'status', status: 500 });
  expect(await probe('google')).toEqual({ outcome: 'unclear' });
});

test("what a mirror answers says nothing of Google's gate, unless it leads there", async () => {
  const { probe, close } = worker();
  close('google');
  for (const status of [200, 401, 404, 429, 503])
    expect([status, await probe('google', await mirror(status))]).toEqual([status, { outcome: 'unclear' }]);
  expect(google.requests).toEqual([]);
  const leading = await mirror(302, { location: onDrive.url });
  expect(await probe('google', leading)).toEqual({ outcome: 'answered' });
  google.behave('id42', { kind: 'blocked' });
  expect(await probe('google', leading)).toMatchObject({ outcome: 'refused' });
});

test('a host that is not allowed, and a credential that does not sign, say nothing of any gate', async () => {
  const { probe } = worker();
  const url = 'https://elsewhere.example/a';
  expect(await probe('google', { ...drive, file: { ...onDrive, url } })).toEqual({ outcome: 'unclear' });
  google.behave('id42', { kind: 'redirect', to: { url } });
  expect(await probe('google')).toEqual({ outcome: 'unclear' });
  const asked = google.requests.length;
  const { probe: signed } = worker({ FFHQ_GOOGLE_API_KEY_FILE: '/nowhere' });
  for (const gate of ['google', 'google-api'] as const)
    expect(await signed(gate)).toEqual({ outcome: 'unclear' });
  expect(google.requests.length).toBe(asked);
});

test("a day's limit that the probe of Google meets closes the API alone, and Google's gate is not judged by it", async () => {
  const { probe, told } = worker(KEY);
  google.behave('id42', { kind: 'api-error', status: 403, reason: 'dailyLimitExceeded' });
  expect(await probe('google')).toEqual({ outcome: 'unclear' });
  expect(told.map(([gate, { reason }]) => [gate, reason])).toEqual([['google-api', 'daily-limit']]);
  expect(await worker(KEY).probe('google-api')).toMatchObject({ outcome: 'refused', reason: 'daily-limit' });
});

test.each<[string, Behaviour]>([
  ['its page', { kind: 'api-error', status: 403, body: 'html' }],
  ['the way to it', { kind: 'api-redirect', to: 'https://www.google.com/sorry/index' }],
])(
  'a block that the probe of the API meets closes Google, and the gate of the API is not judged by it: %s',
  async (_, block) => {
    const { probe, told } = worker(KEY);
    google.behave('id42', block);
    expect(await probe('google-api')).toEqual({ outcome: 'unclear' });
    expect(told.map(([gate, { reason }]) => [gate, reason])).toEqual([['google', 'blocked']]);
  },
);

test('a probe asks for its own gate alone: nothing that lies behind another, closed one', async () => {
  const { probe, close } = worker(KEY);
  close('google');
  close('google-api');
  expect(await probe('google-api')).toEqual({ outcome: 'unclear' });
  expect(await probe('google')).toEqual({ outcome: 'unclear' });
  expect(google.requests).toEqual([]);
});

test("a worker that cannot sign says nothing of the API's days", async () => {
  const { probe } = worker();
  expect(await probe('google-api')).toEqual({ outcome: 'unclear' });
});
