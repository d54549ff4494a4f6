import { expect, test } from 'vitest';
import { parseGoogleQuota } from '../../../src/domain/flow/google-quota.ts';

test.each([
  ['requests', { requestsPerMinute: 12_000, bytesPerDay: undefined }],
  ['requests=600', { requestsPerMinute: 600, bytesPerDay: undefined }],
  ['requests=600, egress=10TiB', { requestsPerMinute: 600, bytesPerDay: 10 * 1024 ** 4 }],
  ['units', { requestsPerMinute: 325_000 / 200, bytesPerDay: 1000 ** 4 }],
  ['units=1000,per-download=10,egress=1GB', { requestsPerMinute: 100, bytesPerDay: 1000 ** 3 }],
  ['units,per-download=2000000', { requestsPerMinute: 325_000 / 2_000_000, bytesPerDay: 1000 ** 4 }],
])('FFHQ_GOOGLE_QUOTA=%s is read', (text, quota) => {
  expect(parseGoogleQuota(text)).toEqual({ quota });
});

test.each([
  ...['', 'request', 'units=0', 'units=-1', 'units=1e9', 'units,units', 'requests,per-download=2'],
  ...['egress=1TB', 'units,egress', 'units,egress=0', 'units,egress=1XB', 'units=1=2', 'requests,', '='],
  ...['units,per-download', 'constructor', 'units,__proto__=1'],
])('FFHQ_GOOGLE_QUOTA=%s is refused', (text) => {
  expect(parseGoogleQuota(text)).toEqual({
    problem: expect.stringMatching(/^expected requests\[=N\] or units.*, got /),
  });
});
