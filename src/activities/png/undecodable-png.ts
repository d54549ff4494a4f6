/** These bytes are no picture, or not all of one. */
export class UndecodablePngError extends Error {
  override readonly name = 'UndecodablePngError';
}
