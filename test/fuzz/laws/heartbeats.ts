import { MockActivityEnvironment } from '@temporalio/testing';
import fc from 'fast-check';
import { Heartbeat } from '../../../src/activities/heartbeat.ts';
import { Hosts } from '../../../src/activities/sources/http/hosts.ts';
import { endOfWait } from '../../../src/domain/failure/noted-wait.ts';
import { isFailureReason } from '../../../src/domain/failure/reasons.ts';
import { hostileJson, textOf } from '../hostile/json.ts';
import { law } from '../law.ts';

const wait = { until: 1_700_000_000_000, waitMs: 60_000 };
const details = {
  ...{ files: 2, filesDone: 1, bytes: 10, bytesDone: 5, failed: 0, current: ['7.png'], note: 'busy' },
  attempts: { 7: 2 },
  settled: {
    7: { status: 'failed', reason: 'missing' },
    8: { status: 'deferred', reason: 'quota', ...wait },
  },
  waitsSince: { 7: 1_700_000_000_000 },
  rests: { 'host:80': { ...wait, reason: 'rate-limited', detail: 'busy' } },
  surprises: { name: 'TypeError ', times: 3 },
};

/** Whoever reaches the server may say what an attempt left behind: the next one begins, counts, and ends all the same. */
export const heartbeats = law('heartbeats', 200, fc.record({ json: hostileJson() }), async ({ json }) => {
  let heartbeatDetails: unknown;
  try {
    heartbeatDetails = JSON.parse(textOf(details, json));
  } catch {
    return;
  }
  let sent: unknown;
  const environment = new MockActivityEnvironment({ heartbeatDetails });
  environment.on('heartbeat', (heard: unknown) => {
    sent = heard;
  });
  await environment.run(async () => {
    const heartbeat = Heartbeat.begin();
    try {
      const hosts = new Hosts();
      for (const [host, rest] of Object.entries(heartbeat.rests)) hosts.rest(host, rest);
      for (const key of ['7', '8', '9']) {
        const faults = heartbeat.countFault(key, 0);
        if (!Number.isSafeInteger(faults) || faults < 1)
          throw new Error(`faults: expected a count, got ${faults}`);
        const settled = heartbeat.settledOutcome(key);
        if (settled?.status === 'failed' && !isFailureReason(settled.reason))
          throw new Error('settled: expected a reason');
        if (settled?.status === 'deferred' && !Number.isFinite(endOfWait(settled, Date.now())))
          throw new Error('settled: expected an end');
        if (!Number.isFinite(heartbeat.waitsSince(key))) throw new Error('waits: expected a moment');
      }
      if (!Number.isSafeInteger(heartbeat.countSurprise('TypeError ')))
        throw new Error('surprises: expected a count');
    } finally {
      heartbeat.end();
    }
  });
  JSON.stringify(sent);
});
