/** What Google's redirect back to this machine says, as a browser brings it or a person pastes it. */
export type RedirectBack =
  | { readonly says: 'code'; readonly code: string }
  /** Google refused, or the person did. `code`: Google's word for it. */
  | { readonly says: 'refused'; readonly code: string }
  /** Nothing of this sign-in. `problem`: "expected ..., got ...". */
  | { readonly says: 'nothing'; readonly problem: string };

const nothing = (problem: string): RedirectBack => ({ says: 'nothing', problem });

/**
 * Reads a redirect. Without the `state` of this very sign-in nothing in it counts: any page in the browser may send one.
 *
 * @param text a URL
 */
export function readRedirectBack(text: string, redirectUri: string, state: string): RedirectBack {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    return nothing(`expected the whole URL that begins with ${redirectUri}, got something that is no URL`);
  const said = url.searchParams;
  const home = new URL(redirectUri);
  if (url.origin !== home.origin || url.pathname !== home.pathname) {
    const ofAnotherTry = url.hostname === home.hostname && said.has('state');
    return nothing(
      `expected the URL that begins with ${redirectUri}, got ${ofAnotherTry ? 'one of another try' : 'another one'}`,
    );
  }
  const [given, ...more] = said.getAll('state');
  if (given === undefined) return nothing('expected a URL with `state` in it, got one without');
  if (given !== state || more.length > 0)
    return nothing('expected the state of this sign-in, got that of another try');
  const [error] = said.getAll('error');
  if (error !== undefined)
    return { says: 'refused', code: /^[a-z_]{1,40}$/.test(error) ? error : 'an error' };
  const [code] = said.getAll('code');
  if (code === undefined || !/^[\x21-\x7e]{1,2048}$/.test(code)) return nothing('expected a code, got none');
  return { says: 'code', code };
}
