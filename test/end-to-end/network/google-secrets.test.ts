import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { savedLogin, serviceAccountKey } from '../../activities/sources/google-login/sign-in.ts';
import { filesWith, flagsFor } from '../../support/arrived-files.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { User } from '../../support/processes.ts';
import { picture } from '../../support/watch-run.ts';

const KEY = 'AIzaPlantedKeyPlantedKeyPlantedKey0123x';

type Echo = (secret: string, to: ServerResponse) => unknown;

/** How a server repeats what it was sent: each in a place that is told to people. */
const echoes: readonly Echo[] = [
  (secret, to) =>
    to.writeHead(403).end(JSON.stringify({ error: { errors: [{ reason: secret }], message: secret } })),
  (secret, to) => to.writeHead(403, { 'content-type': 'text/html' }).end(`<title>${secret}</title>`),
  (secret, to) => to.writeHead(206, { 'content-range': secret }).end('x'),
  (secret, to) => to.writeHead(302, { location: `https://${secret.slice(0, 60)}.example/?${secret}` }).end(),
];

/** A Google that keeps what it is sent, and gives it back in place of some files. */
async function repeatingGoogle(origin: string, echoed: ReadonlyMap<string, Echo>) {
  const seen = { secrets: new Set<string>(), urls: [] as string[] };
  const answer = (from: IncomingMessage, to: ServerResponse) => {
    const { headers, url = '', method } = from;
    const secret = headers.authorization?.replace('Bearer ', '') ?? headers['x-goog-api-key']?.toString();
    if (secret !== undefined) seen.secrets.add(secret);
    seen.urls.push(url);
    const echo = echoed.get(/\/files\/([^?]+)/.exec(url)?.[1] ?? '');
    if (echo !== undefined && secret !== undefined) return echo(secret, to);
    const onwards = request(`${origin}${url}`, { method, headers }, (answered) => {
      to.writeHead(answered.statusCode ?? 500, answered.headers);
      answered.pipe(to);
    });
    from.pipe(onwards.on('error', () => to.destroy()));
  };
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ...seen, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('whatever signs, and whatever a server repeats of it: no secret is written anywhere, the database of Temporal included', async () => {
  const dataset = await serveDataset({ records: 4, kinds: ['images', 'thumbs'] });
  onTestFinished(() => dataset.close());
  const repeated = new Map(echoes.map((echo, nth) => [dataset.idOf(picture('images', nth)), echo]));
  const google = await repeatingGoogle(dataset.drive.origin, repeated);
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: google.origin, FFHQ_LOG_LEVEL: 'trace' });
  // Where secrets may lie.
  const kept = join(dataset.out, '..', 'kept');
  mkdirSync(kept);
  const place = { folder: kept, desk: dataset.drive.signIn };
  const login = await savedLogin(place);
  const account = await serviceAccountKey(place);
  const ways = {
    login: login.env,
    'service account': account.env,
    'API key': { FFHQ_GOOGLE_API_KEY: KEY },
  };
  const server = user.start(['server']);
  await server.says(/UI|listening|running/);
  const outs = new Map<string, string>();
  const runs = Object.entries(ways).map(async ([way, env], nth) => {
    const out = `${dataset.out}-${nth}`;
    outs.set(way, out);
    const flags = flagsFor(dataset).map((flag) => (flag === dataset.out ? out : flag));
    const words = ['run', ...flags.filter((flag) => flag !== '-w'), '--num_attempts', '1'];
    return user.run(words, { ...env, FFHQ_TASK_QUEUE: `of-${nth}` });
  });
  const ended = await Promise.all(runs);
  await user.killEverything();
  const secrets = [
    ...[KEY, login.refreshToken, dataset.drive.signIn.client.secret],
    ...account.pem.split('\n').filter((line) => /^[^-]{20,}/.test(line)),
    ...google.secrets,
  ];
  // The three ways, and a token each of the two that ask for one.
  expect(google.secrets.size).toBe(3);
  const texts = [...ended.map(({ output }) => output), server.output(), ...google.urls].join('\n');
  const folders = [user.folder, ...outs.values()];
  for (const secret of secrets) {
    for (const said of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
      expect(texts.includes(said), said).toBe(false);
    expect(folders.flatMap((folder) => filesWith(folder, secret))).toEqual([]);
  }
  for (const { code, output } of ended) expect(code, output).toBe(3);
  for (const out of outs.values()) {
    const report = readFileSync(join(out, '.ffhq/report.json'), 'utf8');
    // It was about to be said.
    expect(report.match(/\[secret\]/g)?.length).toBeGreaterThanOrEqual(3);
    // What is looked through holds what was said: the database too.
    expect(filesWith(user.folder, out).some((path) => /\.db(-wal)?$/.test(path))).toBe(true);
  }
}, 120_000);
