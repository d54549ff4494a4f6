import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNetworkFlags } from '../../../src/commands/flags/network-flags.ts';
import { type CompanyCa, makeCompanyCa } from '../../support/network/company-ca.ts';

let ca: CompanyCa;
const given = mkdtempSync(join(tmpdir(), 'ffhq-flags-'));
beforeAll(async () => {
  execFileSync('mkfifo', [join(given, 'pipe.pem')]);
  ca = await makeCompanyCa();
});
afterAll(async () => {
  await ca.remove();
  rmSync(given, { recursive: true });
});

const read = (values: object, env: Readonly<Record<string, string>> = {}) =>
  readNetworkFlags(values, { given, project: '/' }, env);

test('without flags the network is Node’s', () => {
  expect(read({})).toEqual({ ipv4: false, caCertificates: [] });
  expect(read({ ipv4: true }).ipv4).toBe(true);
});

test('every certificate of the file counts, text around them does not, and what Node.js is told to believe stays', () => {
  writeFileSync(join(given, 'ca.pem'), `# Company\n${ca.certificate}\nand\n${ca.certificate}`);
  expect(read({ caFile: 'ca.pem' }).caCertificates).toHaveLength(2);
  expect(read({ caFile: 'ca.pem' }, { NODE_EXTRA_CA_CERTS: ca.file }).caCertificates).toHaveLength(3);
  const pipe = join(given, 'pipe.pem');
  expect(read({ caFile: 'ca.pem' }, { NODE_EXTRA_CA_CERTS: pipe }).caCertificates).toHaveLength(2);
});

test.each([
  ['', /expected a file, got nothing/],
  ['nowhere.pem', /expected a file that can be read, got .*nowhere.pem \(ENOENT\)/],
  ['.', /\[--ca-file\]: expected a file, got .*which is none/],
  ['pipe.pem', /\[--ca-file\]: expected a file, got .*pipe.pem, which is none/],
  ['text.pem', /expected certificates in PEM \(BEGIN CERTIFICATE\), got none/],
  ['broken.pem', /number 2 in /],
])('a file that is no good (%s) is refused at the command line, with what is wrong', (file, message) => {
  writeFileSync(join(given, 'text.pem'), 'not a certificate');
  const broken = ca.certificate.replace(/\n[A-Za-z0-9+/]{20}/, '\n');
  writeFileSync(join(given, 'broken.pem'), ca.certificate + broken);
  expect(() => read({ caFile: file })).toThrow(message);
});

test('--drive-ids names the list from where the command was given; the environment names one for all workers', () => {
  expect(read({ driveIds: 'ids.tsv' }).driveIds).toBe(join(given, 'ids.tsv'));
  expect(read({}, { FFHQ_DRIVE_IDS: '/etc/ids.tsv' }).driveIds).toBe('/etc/ids.tsv');
  expect(read({ driveIds: 'mine' }, { FFHQ_DRIVE_IDS: '/etc/ids.tsv' }).driveIds).toBe(join(given, 'mine'));
  expect(() => read({ driveIds: '' })).toThrow('flag [--drive-ids]: expected a file, got nothing');
  expect(() => read({}, { FFHQ_DRIVE_IDS: 'ids.tsv' })).toThrow(
    'environment [FFHQ_DRIVE_IDS]: expected an absolute path, got ids.tsv',
  );
});
