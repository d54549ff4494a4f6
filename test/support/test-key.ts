import { Seal } from '../../src/activities/records/seal.ts';

/** Of workers and clients that tests start themselves. */
export const testKey = Buffer.alloc(32, 'test');

/** What such workers know their own texts by. */
export const testSeal = new Seal(testKey);
