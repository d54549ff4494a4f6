import { sourceContract } from '../../source-contract.ts';
import { setUp } from '../subject.ts';
import { KEY } from './api-drive.ts';

sourceContract('Google Drive by its API', async (files) => ({
  ...(await setUp(files)),
  env: { FFHQ_GOOGLE_API_KEY: KEY },
}));
