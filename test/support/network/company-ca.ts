import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A CA that nobody knows, and a server's certificate of it for 127.0.0.1 and `names`. */
export interface CompanyCa {
  /** Of the CA, in PEM. */
  readonly file: string;
  readonly certificate: string;
  /** What a server needs. */
  readonly server: { readonly key: string; readonly cert: string };
  remove(): Promise<void>;
}

/** Makes one with `openssl`. */
export async function makeCompanyCa(names: readonly string[] = []): Promise<CompanyCa> {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-ca-'));
  const at = (name: string) => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  await openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '30',
    '-subj',
    '/CN=Company CA',
  );
  await openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server');
  const subjects = ['IP:127.0.0.1', ...names.map((name) => `DNS:${name}`)].join(',');
  await writeFile(at('extensions'), `subjectAltName=${subjects}\n`);
  await openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '30', '-extfile', 'extensions', '-out', 'server.pem'],
  );
  return {
    file: at('ca.pem'),
    certificate: await readFile(at('ca.pem'), 'utf8'),
    server: { key: await readFile(at('server.key'), 'utf8'), cert: await readFile(at('server.pem'), 'utf8') },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
