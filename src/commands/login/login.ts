import { refused } from '../../domain/failure/command-failure.ts';
import { printable } from '../../domain/failure/printable.ts';
import type { Verb } from '../context/context.ts';

/** `ffhq login google`: signs a person in, or forgets who was signed in. What it takes is loaded by nobody else. */
export const login: Verb = async (context, values, words) => {
  const [service = ''] = words;
  if (service !== 'google') throw refused(`login: expected google, got ${printable(service, 40)}`);
  return (await import('./sign-in.ts')).signInOrForget(context, values, words);
};
