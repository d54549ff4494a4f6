import { html } from '../../domain/quoting/html.ts';

/**
 * Fetches the page anew and shows what changed, as long as somebody looks at it. What comes is parsed apart from the page:
 * nothing in it can run. An answer without the page's key is another program's, which has the port by now: nobody is asked again.
 */
export const FOLLOW = html`(function(){var s=document.getElementById("live"),k=document.body.dataset.key,e,l;function say(t){if(s)s.textContent=t}
function look(){if(document.hidden)return setTimeout(look,1000);
fetch(location.href,{cache:"no-store"}).then(function(r){if(r.headers.get("x-ffhq-page")!==k){e=1;throw 0}if(!r.ok)throw 0;return r.text()}).then(function(t){if(t===l)return;l=t;
var d=new DOMParser().parseFromString(t,"text/html"),m=d.querySelector("main"),h=d.querySelector("header"),o=document.querySelectorAll("details"),f=m&&m.querySelectorAll("details");
if(!m||!h)throw 0;for(var i=0;i<o.length;i++)if(f[i])f[i].open=o[i].open;
document.querySelector("main").replaceWith(m);document.querySelector("header").replaceWith(h);s=document.getElementById("live");document.title=d.title}).catch(function(){say("the command that shows this page has ended, or does not answer: what you see is of then")}).then(function(){if(!e)setTimeout(look,2000)})}
setTimeout(look,2000)})()`;
