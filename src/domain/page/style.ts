import { html } from '../quoting/html.ts';

/**
 * How pages look: text at any width from a telephone's to a wall's, light or dark as its reader has it, and on paper. Colours
 * of kinds are those of Okabe and Ito, which people tell apart whatever their eyes see.
 */
export const PAGE_STYLE = html`:root{color-scheme:light dark;--back:#fff;--fore:#1b1f24;--soft:#59626d;--line:#d5dae0;--card:#f5f7f9;--link:#0550ae;--good:#11734a;--bad:#b3261e;--warn:#8a5a00;--k0:#0072b2;--k1:#e69f00;--k2:#009e73;--k3:#cc79a7;--k4:#56b4e9;--k5:#d55e00;--k6:#8c7a00;--k7:#666}
@media (prefers-color-scheme:dark){:root{--back:#14171b;--fore:#e4e8ed;--soft:#9ba6b3;--line:#343b44;--card:#1d2228;--link:#79b8ff;--good:#56d399;--bad:#ff8a80;--warn:#f0b849;--k0:#3b8fd6;--k4:#a6def7;--k6:#d9c84a;--k7:#a8a8a8}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--fore);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:1080px;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.15rem;margin:2rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.2rem 0 .4rem}
p{margin:.4rem 0}
a{color:var(--link)}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.status{font-weight:600}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.6rem;margin:1rem 0 0;padding:0;list-style:none}
.cards li{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.6rem .8rem}
.cards b{display:block;font-size:1.3rem;line-height:1.3;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto;margin:.4rem 0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--soft);white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td{overflow-wrap:normal}
td.t{min-width:13rem;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.25rem 1.2rem;margin:.4rem 0}
dt{color:var(--soft)}dd{margin:0;min-width:0}
figure{margin:.8rem 0}
figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;margin-bottom:.3rem}
.plot{position:relative;border-bottom:1px solid var(--line);border-top:1px dashed var(--line)}
.plot svg{display:block;width:100%;height:150px}
.plot.low svg{height:44px}
.plot span{position:absolute;left:0;top:0;font-size:.75rem;line-height:1.2;color:var(--soft);background:var(--back);padding:0 .3rem 0 0}
.times{display:flex;justify-content:space-between;font-size:.75rem;color:var(--soft)}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:.3rem 0;padding:0;list-style:none;font-size:.85rem}
.legend svg{width:.8em;height:.8em;margin-right:.35em}
.lanes{margin:.3rem 0;padding:0;list-style:none;font-size:.85rem}
.lanes svg{display:block;width:100%;height:8px;background:var(--card)}
.pies{margin:.4rem 0;padding:0;list-style:none;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(18rem,100%),1fr));gap:1rem}
.pies svg{display:block;width:100%;height:auto;border-radius:6px}
.bars{margin:.4rem 0;padding:0;list-style:none}
.bars li{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr minmax(9rem,max-content);gap:.1rem .9rem;align-items:center;padding:.12rem 0}
.bars svg{display:block;width:100%;height:12px;background:var(--card);border-radius:3px}
.bars .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.k0{fill:var(--k0)}.k1{fill:var(--k1)}.k2{fill:var(--k2)}.k3{fill:var(--k3)}.k4{fill:var(--k4)}.k5{fill:var(--k5)}.k6{fill:var(--k6)}.k7{fill:var(--k7)}
.f{fill:var(--bad)}.w{fill:var(--warn)}
.faces{display:grid;grid-template-columns:repeat(auto-fill,minmax(88px,1fr));gap:6px;margin:.5rem 0;padding:0;list-style:none;font-size:.75rem;text-align:center;color:var(--soft)}
.faces img{display:block;width:100%;aspect-ratio:1;object-fit:cover;border-radius:4px;background:var(--card)}
details{margin:.5rem 0}summary{cursor:pointer}
footer{margin-top:2.5rem;padding-top:.8rem;padding-bottom:2rem;color:var(--soft);font-size:.85rem}
@media (max-width:560px){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}.bars li{grid-template-columns:1fr auto}.bars svg{grid-column:1/3;grid-row:2}}
@media print{:root{--back:#fff;--fore:#000;--soft:#444;--line:#bbb;--card:#f2f2f2;--link:#000;--good:#0a5c39;--bad:#9c1c15;--warn:#6d4700;color-scheme:light}body{font-size:10.5pt}main,header,footer{max-width:none;padding:0}h2{break-after:avoid}figure,.cards li,.pies li,tr,.bars li,.faces li{break-inside:avoid}.wide{overflow:visible}svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
