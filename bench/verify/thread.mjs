// The loader of the main thread is not one of its workers': they register their own.
import { register } from 'tsx/esm/api';

register();
await import('./thread.ts');
