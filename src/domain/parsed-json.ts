/** What a text says, if it is JSON; else undefined: torn, or somebody else's. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
