import type { Question } from '../../src/doctor/question.ts';

/** What `ffhq doctor` asks without a flag, of these folders. */
export function questionOf(change: Partial<Question>): Question {
  return {
    out: '/nowhere/out',
    project: '/nowhere/project',
    kinds: [],
    ids: undefined,
    reserveBytes: 0,
    source: { name: 'google-drive' },
    manifest: { name: 'official' },
    allowedHosts: [],
    network: { ipv4: false, caFile: undefined, caCertificates: [] },
    connection: {},
    taskQueue: 'ffhq-doctor-test',
    spoken: { run: 'ffhq run', worker: 'ffhq worker' },
    ...change,
  };
}
