import { sha256Base64 } from '../dataset/digest.ts';
import { escaped, type Html, html } from '../quoting/html.ts';
import { PAGE_STYLE } from './style.ts';

/**
 * Fetches the page anew and shows what changed, as long as somebody looks at it. What comes is parsed apart from the page:
 * nothing in it can run.
 */
const FOLLOW = html`(function(){var s=document.getElementById("live"),l;function say(t){if(s)s.textContent=t}
function look(){if(document.hidden)return setTimeout(look,1000);
fetch(location.href,{cache:"no-store"}).then(function(r){if(!r.ok)throw 0;return r.text()}).then(function(t){if(t===l)return;l=t;
var d=new DOMParser().parseFromString(t,"text/html"),m=d.querySelector("main"),h=d.querySelector("header"),o=document.querySelectorAll("details"),f=m&&m.querySelectorAll("details");
if(!m||!h)throw 0;for(var i=0;i<o.length;i++)if(f[i])f[i].open=o[i].open;
document.querySelector("main").replaceWith(m);document.querySelector("header").replaceWith(h);s=document.getElementById("live");document.title=d.title}).catch(function(){say("the command that shows this page has ended, or does not answer: what you see is of then")}).then(function(){setTimeout(look,2000)})}
setTimeout(look,2000)})()`;

/** Where the page may come from and what it may do: nothing but show itself. */
export function policyOf(isLive: boolean): string {
  const style = `style-src 'sha256-${sha256Base64(PAGE_STYLE)}'`;
  const rest = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'";
  const live = isLive ? `; script-src 'sha256-${sha256Base64(FOLLOW)}'; connect-src 'self'` : '';
  return `${rest}; ${style}${live}`;
}

const BEGIN =
  '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="generator" content="ffhq">\n';

/** May another page of ours take its place? */
export function isOurPage(text: string): boolean {
  return text.startsWith(BEGIN);
}

/**
 * One page that needs nothing else: no request goes out from it, no script runs in it, except for the one of a page that is
 * served live, which asks for that page again.
 */
export function documentOf(page: {
  readonly title: string;
  readonly header: Html;
  readonly main: Html;
  readonly footer: Html;
  readonly isLive: boolean;
}): Html {
  const { title, header, main, footer, isLive } = page;
  const script = isLive ? html`<script>${FOLLOW}</script>` : html``;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="ffhq">
<meta http-equiv="Content-Security-Policy" content="${escaped(policyOf(isLive))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${escaped(title, 120)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>${header}</header>
<main>${main}</main>
<footer>${footer}</footer>
${script}
</body>
</html>
`;
}
