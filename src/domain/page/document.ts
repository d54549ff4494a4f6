import { sha256Base64 } from '../dataset/digest.ts';
import { escaped, type Html, html } from '../quoting/html.ts';
import { PAGE_STYLE } from './style.ts';

/** Where the page may come from and what it may do: nothing but show itself. */
export function policyOf(script?: Html): string {
  const style = `style-src 'sha256-${sha256Base64(PAGE_STYLE)}'`;
  const rest = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'";
  const live =
    script === undefined ? '' : `; script-src 'sha256-${sha256Base64(script)}'; connect-src 'self'`;
  return `${rest}; ${style}${live}`;
}

/** How every such page begins, and nobody else's. */
export const RUN_PAGE_HEAD = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="ffhq">
`;

/**
 * One page that needs nothing else: no request goes out from it, no script runs in it, except for the one of a page that is
 * served live.
 */
export function documentOf(page: {
  readonly title: string;
  readonly header: Html;
  readonly main: Html;
  readonly footer: Html;
  /** Of a page that is served live: the one that may run. */
  readonly script: Html | undefined;
  /** By which it knows answers of the command that serves it. */
  readonly key?: string | undefined;
}): Html {
  const { title, header, main, footer, script, key } = page;
  const known = key === undefined ? html`` : html` data-key="${escaped(key)}"`;
  const live = script === undefined ? html`` : html`<script>${script}</script>`;
  return html`${RUN_PAGE_HEAD}<meta http-equiv="Content-Security-Policy" content="${escaped(policyOf(script))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${escaped(title, 120)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body${known}>
<header>${header}</header>
<main>${main}</main>
<footer>${footer}</footer>
${live}
</body>
</html>
`;
}
