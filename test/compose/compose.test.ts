import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureEmbeddedServer } from '../../src/server/embedded-server.ts';
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
      postgresql: [],
      schema: ['postgresql service_healthy'],
      temporal: ['postgresql service_healthy', `schema ${done}`],
      namespace: ['temporal service_healthy'],
      ui: ['temporal service_healthy'],
      worker: [`namespace ${done}`, 'temporal service_healthy'],
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
    for (const name of ['postgresql', 'temporal', 'ui', 'worker']) {
      expect(service(name)).toMatchObject({
        restart: 'unless-stopped',
        healthcheck: { test: expect.anything() },
      });
    }
  });

  test('nothing listens beyond this host, whatever the ports', () => {
    const moved = resolveCompose(parser, file, { TEMPORAL_PORT: '17233', TEMPORAL_UI_PORT: '18080' });
    const open = (of: ComposeModel): string[] =>
      Object.values(of.services).flatMap(({ ports }) =>
        (ports ?? []).map(({ host_ip, published, target }) => `${host_ip}:${published}:${target}`),
      );
    expect(open(model).sort()).toEqual(['127.0.0.1:7233:7233', '127.0.0.1:8080:8080']);
    expect(open(moved).sort()).toEqual(['127.0.0.1:17233:7233', '127.0.0.1:18080:8080']);
    expect(service('worker', moved).environment?.FFHQ_TEMPORAL_UI).toBe('http://127.0.0.1:18080');
  });

  test('images are pinned, and the server is the one that the embedded server has', () => {
    for (const { image, build } of Object.values(model.services)) {
      if (!build) expect(image).toMatch(/:\d+(\.\d+)*$/);
    }
    const gomod = readFileSync(join(root, 'tools/temporal-cli/go.mod'), 'utf8');
    const [, server] = /go\.temporal\.io\/server v(\S+)/.exec(gomod) ?? [];
    const [, ui] = /ui-server\/v2 v(\S+)/.exec(gomod) ?? [];
    expect(service('temporal').image).toBe(`temporalio/server:${server}`);
    expect(service('schema').image).toBe(`temporalio/admin-tools:${server}`);
    expect(service('ui').image).toBe(`temporalio/ui:${ui}`);
    expect(service('postgresql').image).toBe('postgres:16');
  });

  test('the worker is not root, and the dataset outlives it', () => {
    const worker = service('worker');
    expect(worker.user).toBe('1000:1000');
    expect(worker.volumes).toEqual([
      expect.objectContaining({ type: 'volume', source: 'dataset', target: '/data' }),
    ]);
    expect(service('postgresql').volumes?.[0]).toMatchObject({ type: 'volume', source: 'postgresql' });
    expect(Object.keys(model.volumes).sort()).toEqual(['dataset', 'postgresql']);
    const bound = service('worker', resolveCompose(parser, file, { FFHQ_DATA: folder, FFHQ_USER: '7:8' }));
    expect(bound.user).toBe('7:8');
    expect(bound.volumes?.[0]).toMatchObject({ type: 'bind', source: folder, target: '/data' });
  });

  test('both schemas are set up with the same password as the server uses', () => {
    const { environment, entrypoint, command } = service(
      'schema',
      resolveCompose(parser, file, { POSTGRES_PASSWORD: 'other' }),
    );
    const log = join(folder, 'sql.log');
    const tool = join(folder, 'temporal-sql-tool');
    writeFileSync(tool, `#!/bin/sh\necho "$SQL_HOST $SQL_PASSWORD $*" >> ${log}\n`, { mode: 0o755 });
    run({ entrypoint, command }, { ...environment, PATH: `${folder}:/usr/bin:/bin` });
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

  test('the namespace step, run on a real server, gives 30 days and the search attributes, also the second time', async () => {
    const own = serverFolders();
    try {
      const server = await ensureEmbeddedServer({ config: own.config, onLine: () => {} });
      const bin = mkdtempSync(join(own.folder, 'bin-'));
      symlinkSync(own.config.temporalCliPath ?? '', join(bin, 'temporal'));
      for (const namespace of ['default', 'another', 'another']) {
        const { entrypoint, command, environment } = service(
          'namespace',
          resolveCompose(parser, file, { TEMPORAL_NAMESPACE: namespace }),
        );
        expect(environment?.TEMPORAL_ADDRESS).toBe('temporal:7233');
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
        expect(tsToMs(config?.workflowExecutionRetentionTtl)).toBe(30 * 86_400_000);
        await connection.close();
      }
      await server.release();
    } finally {
      await own.remove();
    }
  });

  function run(of: Pick<ComposeService, 'entrypoint' | 'command'>, env: Record<string, string>): void {
    const [program = '', ...args] = [...(of.entrypoint ?? []), ...(of.command ?? [])];
    execFileSync(program, args, { env, stdio: 'pipe' });
  }
});
