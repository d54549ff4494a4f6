import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ensureEmbeddedServer } from '../../src/server/embedded-server.ts';
import { readSigningKey } from '../../src/signing/signing-key.ts';
import { connectClient, settingsForAddress } from '../../src/temporal/connection.ts';
import { missingSearchAttributes } from '../../src/temporal/search-attributes.ts';
import { serverFolders } from '../support/server/server-folders.ts';
import {
  type ComposeModel,
  type ComposeService,
  composeParser,
  resolveCompose,
  root,
  withoutGo,
} from './resolve-compose.ts';

const reason = withoutGo();

describe.skipIf(reason)(`docker-compose.yml${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const file = join(root, 'docker-compose.yml');
  let parser: string;
  let model: ComposeModel;
  let folder: string;
  beforeAll(() => {
    parser = composeParser();
    model = resolveCompose(parser, file);
    folder = mkdtempSync(join(tmpdir(), 'ffhq-compose-'));
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function service(name: string, from = model): ComposeService {
    const found = from.services[name];
    if (!found) throw new Error(`expected a service ${name}, got ${Object.keys(from.services)}`);
    return found;
  }

  test('the parser refuses what Docker would', () => {
    const wrong = join(folder, 'wrong.yml');
    writeFileSync(wrong, 'services:\n  worker:\n    image: x\n    depends_on: [nobody]\n');
    expect(() => resolveCompose(parser, wrong)).toThrow(/nobody/);
  });

  test('each service starts only when what it needs is ready', () => {
    const needs = Object.fromEntries(
      Object.entries(model.services).map(([name, { depends_on }]) => [
        name,
        Object.entries(depends_on ?? {}).map(([other, { condition }]) => `${other} ${condition}`),
      ]),
    );
    const done = 'service_completed_successfully';
    expect(needs).toEqual({
      secrets: [],
      postgresql: [`secrets ${done}`],
      schema: ['postgresql service_healthy'],
      temporal: ['postgresql service_healthy', `schema ${done}`],
      namespace: ['temporal service_healthy'],
      ui: ['temporal service_healthy'],
      'ui-door': ['ui service_healthy'],
      data: [],
      worker: [`data ${done}`, `namespace ${done}`, `secrets ${done}`, 'temporal service_healthy'],
    });
    for (const { depends_on } of Object.values(model.services)) {
      for (const [other, { condition }] of Object.entries(depends_on ?? {})) {
        const { healthcheck, restart } = service(other);
        // A one-shot that is always restarted never completes, and one without a health check is never healthy.
        if (condition === done) expect(restart).toMatch(/^on-failure/);
        else expect(healthcheck?.test.length).toBeGreaterThan(1);
      }
    }
  });

  test('what lasts is restarted and watched; what is done once is not', () => {
    for (const name of ['postgresql', 'temporal', 'ui', 'ui-door', 'worker']) {
      expect(service(name)).toMatchObject({
        restart: 'unless-stopped',
        healthcheck: { test: expect.anything() },
      });
    }
  });

  test('nothing listens beyond this host, whatever the ports', () => {
    const moved = resolveCompose(parser, file, { TEMPORAL_PORT: '27233', TEMPORAL_UI_PORT: '18080' });
    const open = (of: ComposeModel): string[] =>
      Object.values(of.services).flatMap(({ ports }) =>
        (ports ?? []).map(({ host_ip, published, target }) => `${host_ip}:${published}:${target}`),
      );
    // 7233 is the embedded server's, which may run beside it.
    expect(open(model).sort()).toEqual(['127.0.0.1:17233:7233', '127.0.0.1:8080:8080']);
    expect(open(moved).sort()).toEqual(['127.0.0.1:18080:8080', '127.0.0.1:27233:7233']);
    expect(service('worker', moved).environment?.FFHQ_TEMPORAL_UI).toBe('http://127.0.0.1:18080');
  });

  test('images are pinned by version and digest, the UI by version alone, and the server is the one that is embedded', () => {
    const digest = /@sha256:[0-9a-f]{64}$/;
    const taken = Object.entries(model.services)
      .filter(([, { build }]) => !build)
      .map(([name, { image = '' }]) => ({ name, image }));
    for (const { image } of taken) expect(image.replace(digest, '')).toMatch(/:\d+(\.\d+)+$/);
    expect(taken.filter(({ image }) => !digest.test(image)).map(({ name }) => name)).toEqual(['ui']);
    const named = (name: string) => service(name).image?.replace(digest, '');
    const gomod = readFileSync(join(root, 'tools/temporal-cli/go.mod'), 'utf8');
    const [, server] = /go\.temporal\.io\/server v(\S+)/.exec(gomod) ?? [];
    const [, ui] = /ui-server\/v2 v(\S+)/.exec(gomod) ?? [];
    expect(named('temporal')).toBe(`temporalio/server:${server}`);
    expect(named('schema')).toBe(`temporalio/admin-tools:${server}`);
    expect(named('ui')).toBe(`temporalio/ui:${ui}`);
    // A newer one could not read its folder.
    expect(named('postgresql')).toMatch(/^postgres:16\./);
    // Of these sources, and never somebody else's of that name.
    expect(service('worker')).toMatchObject({ image: 'ffhq', pull_policy: 'build' });
  });

  test.runIf(process.getuid?.() === 0)(
    'an empty data folder becomes the worker’s; one of somebody else is left alone and named',
    () => {
      const { entrypoint, command, environment } = service(
        'data',
        resolveCompose(parser, file, { FFHQ_USER: '1234:5678' }),
      );
      chmodSync(folder, 0o755);
      const data = mkdtempSync(join(folder, 'data-'));
      const step = () =>
        run({ entrypoint, command }, { ...environment, DATA: data, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' });
      step();
      expect(statSync(data)).toMatchObject({ uid: 1234, gid: 5678 });
      writeFileSync(join(data, 'a'), '');
      step();
      chownSync(data, 0, 0);
      expect(step).toThrow(/FFHQ_DATA.*user 1234:5678.*got one of 0:0;.*FFHQ_USER/);
      expect(statSync(data)).toMatchObject({ uid: 0, gid: 0 });
    },
  );

  test('no service can gain rights, and each has only those that it begins with and needs', () => {
    for (const [name, one] of Object.entries(model.services)) {
      expect(one, name).toMatchObject({ security_opt: ['no-new-privileges:true'], cap_drop: ['ALL'] });
      expect(Number(one.mem_limit), name).toBeGreaterThan(0);
      expect(one.pids_limit, name).toBeGreaterThan(0);
      // Its start writes its settings into its own folder.
      if (name !== 'ui') expect(one.read_only, name).toBe(true);
    }
    const rights = Object.entries(model.services).filter(([, { cap_add }]) => cap_add?.length);
    expect(rights.map(([name]) => name).sort()).toEqual(['data', 'postgresql', 'secrets']);
    expect(service('worker', resolveCompose(parser, file, { FFHQ_MEMORY: '3g' })).mem_limit).toBe(
      String(3 * 1024 ** 3),
    );
  });

  test('nobody else reads a secret: the database`s is in no environment, and the worker has the key alone', () => {
    const text = JSON.stringify(resolveCompose(parser, file));
    expect(text).not.toMatch(/POSTGRES_PWD":|SQL_PASSWORD":|POSTGRES_PASSWORD":"[^"]/);
    const readers = (volume: string) =>
      Object.entries(model.services)
        .filter(([, { volumes }]) => volumes?.some(({ source }) => source === volume))
        .map(([name]) => name)
        .sort();
    expect(readers('database-password')).toEqual(['postgresql', 'schema', 'secrets', 'temporal']);
    expect(readers('input-key')).toEqual(['secrets', 'worker']);
    expect(service('worker').environment?.FFHQ_KEY_FILE).toBe('/run/secrets/key/input-key');
  });

  describe.runIf(process.getuid?.() === 0)('the secrets step', () => {
    let secrets: string;
    let database: string;
    beforeEach(() => {
      secrets = mkdtempSync(join(folder, 'secrets-'));
      database = mkdtempSync(join(folder, 'database-'));
      for (const part of ['database', 'key']) mkdirSync(join(secrets, part));
    });
    const step = (variables: Record<string, string> = {}) => {
      const { entrypoint, command, environment } = service(
        'secrets',
        resolveCompose(parser, file, { FFHQ_USER: '1234:5678', ...variables }),
      );
      const folders = { SECRETS: secrets, DATABASE: database };
      run({ entrypoint, command }, { ...environment, ...folders, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' });
      return {
        password: readFileSync(join(secrets, 'database/password'), 'utf8'),
        key: readFileSync(join(secrets, 'key/input-key'), 'utf8'),
      };
    };

    test('makes both at random, once, and for their users alone', async () => {
      const made = step();
      expect(made.password).toMatch(/^[0-9a-f]{64}$/);
      expect(made.key).toMatch(/^[0-9a-f]{64}$/);
      expect(made.key).not.toBe(made.password);
      expect(step()).toEqual(made);
      const keyFile = join(secrets, 'key/input-key');
      const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
      expect([mode(keyFile), mode(join(secrets, 'database/password'))]).toEqual(['400', '440']);
      expect(statSync(keyFile)).toMatchObject({ uid: 1234, gid: 5678 });
      expect(statSync(join(secrets, 'database/password'))).toMatchObject({ uid: 999, gid: 1000 });
      expect((await readSigningKey({ path: keyFile, isGiven: true })).toString()).toBe(made.key);
    });

    test('keeps to the password that a database of before was made with, and to the one that is given', () => {
      writeFileSync(join(database, 'PG_VERSION'), '16\n');
      expect(step().password).toBe('temporal');
      expect(step({ POSTGRES_PASSWORD: 'it$ own' }).password).toBe('it$ own');
      expect(step().password).toBe('it$ own');
    });
  });

  test('the buttons of the UI work over plain http', () => {
    expect(service('ui').environment?.TEMPORAL_CSRF_COOKIE_INSECURE).toBe('true');
  });

  test('every setting that the file reads is explained in README', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const names = new Set(
      [...readFileSync(file, 'utf8').matchAll(/(?<!\$)\$\{([A-Z_]+)(?::-|\})/g)].map(
        ([, name]) => name ?? '',
      ),
    );
    expect(names.size).toBeGreaterThan(7);
    expect([...names].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  test('the worker is not root, and the dataset outlives it', () => {
    const worker = service('worker');
    expect(worker.user).toBe('1000:1000');
    expect(worker.volumes).toEqual([
      expect.objectContaining({ type: 'volume', source: 'dataset', target: '/data' }),
      expect.objectContaining({ type: 'volume', source: 'input-key', target: '/run/secrets/key' }),
    ]);
    expect(service('postgresql').volumes?.[0]).toMatchObject({ type: 'volume', source: 'postgresql' });
    expect(Object.keys(model.volumes).sort()).toEqual([
      'database-password',
      'dataset',
      'input-key',
      'postgresql',
    ]);
    const bound = service('worker', resolveCompose(parser, file, { FFHQ_DATA: folder, FFHQ_USER: '7:8' }));
    expect(bound.user).toBe('7:8');
    expect(bound.volumes?.[0]).toMatchObject({ type: 'bind', source: folder, target: '/data' });
  });

  test('both schemas are set up with the same password as the server uses', () => {
    const { environment, entrypoint, command } = service('schema');
    const password = join(folder, 'password');
    writeFileSync(password, 'other');
    const log = join(folder, 'sql.log');
    const tool = join(folder, 'temporal-sql-tool');
    writeFileSync(tool, `#!/bin/sh\necho "$SQL_HOST $SQL_PASSWORD $*" >> ${log}\n`, { mode: 0o755 });
    run(
      { entrypoint, command },
      {
        ...{ ...environment, PASSWORD_FILE: password },
        PATH: `${folder}:/usr/bin:/bin`,
      },
    );
    expect(execFileSync('cat', [log], { encoding: 'utf8' }).trim().split('\n')).toEqual(
      [
        ['temporal', 'temporal'],
        ['temporal_visibility', 'visibility'],
      ].flatMap(([database, schema]) => [
        `postgresql other --db ${database} create`,
        `postgresql other --db ${database} setup-schema -v 0.0`,
        `postgresql other --db ${database} update-schema --schema-name postgresql/v12/${schema}`,
      ]),
    );
  });

  test('the namespace step, run on a real server, gives 30 days and the search attributes, and later changes no retention', async () => {
    const own = serverFolders();
    try {
      const server = await ensureEmbeddedServer({ config: own.config, onLine: () => {} });
      const bin = mkdtempSync(join(own.folder, 'bin-'));
      symlinkSync(own.config.temporalCliPath ?? '', join(bin, 'temporal'));
      for (const [namespace, days] of [
        ['default', 30],
        ['another', 30],
        ['another', 7],
      ] as const) {
        const { entrypoint, command, environment } = service(
          'namespace',
          resolveCompose(parser, file, { TEMPORAL_NAMESPACE: namespace }),
        );
        expect(environment?.TEMPORAL_ADDRESS).toBe('temporal:7233');
        if (days !== 30) await setRetention(server.address, namespace, days);
        run(
          { entrypoint, command },
          {
            ...environment,
            TEMPORAL_ADDRESS: server.address,
            HOME: own.folder,
            PATH: `${bin}:/usr/bin:/bin`,
          },
        );
        const { connection } = await connectClient(settingsForAddress(server.address, namespace));
        expect(await missingSearchAttributes(connection, namespace)).toEqual([]);
        const { config } = await connection.workflowService.describeNamespace({ namespace });
        expect(tsToMs(config?.workflowExecutionRetentionTtl)).toBe(days * 86_400_000);
        await connection.close();
      }
      await server.release();
    } finally {
      await own.remove();
    }
  });

  async function setRetention(address: string, namespace: string, days: number): Promise<void> {
    const { connection } = await connectClient(settingsForAddress(address, namespace));
    const workflowExecutionRetentionTtl = msToTs(days * 86_400_000);
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl },
    });
    await connection.close();
  }

  function run(of: Pick<ComposeService, 'entrypoint' | 'command'>, env: Record<string, string>): void {
    const [program = '', ...args] = [...(of.entrypoint ?? []), ...(of.command ?? [])];
    execFileSync(program, args, { env, stdio: 'pipe' });
  }
});
