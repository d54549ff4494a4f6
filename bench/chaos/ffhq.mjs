/**
 * `ffhq`, whose workers have one large file more in their table: the real ones are too large to be fetched here.
 * FFHQ_CHAOS_ARCHIVE: the file as JSON.
 */
import { realServices } from '../../dist/commands/real-services.js';

const archive = JSON.parse(process.env.FFHQ_CHAOS_ARCHIVE ?? '');
const { startWorker } = realServices;
realServices.startWorker = (options) => startWorker({ ...options, largeFiles: [archive] });
await import('../../dist/client.js');
