import { html } from '../../domain/quoting/html.ts';

/**
 * Fetches the page anew and shows what changed, as long as somebody looks at it. What comes is parsed apart from the page:
 * nothing in it can run.
 */
export const FOLLOW = html`(function(){var s=document.getElementById("live"),l;function say(t){if(s)s.textContent=t}
function look(){if(document.hidden)return setTimeout(look,1000);
fetch(location.href,{cache:"no-store"}).then(function(r){if(!r.ok)throw 0;return r.text()}).then(function(t){if(t===l)return;l=t;
var d=new DOMParser().parseFromString(t,"text/html"),m=d.querySelector("main"),h=d.querySelector("header"),o=document.querySelectorAll("details"),f=m&&m.querySelectorAll("details");
if(!m||!h)throw 0;for(var i=0;i<o.length;i++)if(f[i])f[i].open=o[i].open;
document.querySelector("main").replaceWith(m);document.querySelector("header").replaceWith(h);s=document.getElementById("live");document.title=d.title}).catch(function(){say("the command that shows this page has ended, or does not answer: what you see is of then")}).then(function(){setTimeout(look,2000)})}
setTimeout(look,2000)})()`;
