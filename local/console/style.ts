/** The one style of the console; its digest is in the content security policy, so no other applies. Contrast is AA in both schemes. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1c2330;--soft:#566072;--line:#dde1e8;--paper:#fff;--back:#f4f6f9;--accent:#1f5fbf;--good:#14663a;--good-back:#e1f4e8;--bad:#a3261b;--bad-back:#fdeae8;--busy:#1f5fbf;--busy-back:#e3edfc;--warn:#6b4a00;--warn-back:#fff2cc}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebf0;--soft:#a0aaba;--line:#343c4a;--paper:#1b2029;--back:#12161d;--accent:#7fb0ff;--good:#8fd9ae;--good-back:#143323;--bad:#ffb4ab;--bad-back:#45191a;--busy:#9cc3ff;--busy-back:#16294a;--warn:#ffe29a;--warn-back:#3b2f0b}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header{background:var(--paper);border-bottom:1px solid var(--line)}
nav{max-width:76rem;margin:0 auto;padding:.35rem 1rem;display:flex;flex-wrap:wrap;gap:0 1.1rem;align-items:baseline}
nav a{padding:.35rem 0;text-decoration:none;color:var(--soft)}nav a:first-child{font-weight:700;color:var(--ink)}
nav a[aria-current]{color:var(--accent);box-shadow:inset 0 -2px var(--accent)}nav a:hover{text-decoration:underline}
main{max-width:76rem;margin:0 auto;padding:1.25rem 1rem 3rem}
h1{font-size:1.4rem;line-height:1.3;margin:0 0 .75rem}
h2{font-size:1.05rem;line-height:1.3;margin:1.75rem 0 .6rem}
p{margin:0 0 .75rem}a{color:var(--accent)}
.soft,.kind{color:var(--soft)}.kind,.small{font-size:.9rem}
.card{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:1rem;margin:0 0 1rem;overflow-x:auto}
.card.table{padding:.25rem 1rem}
dl{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:.25rem 1.2rem;margin:0}dt{color:var(--soft)}dd{margin:0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.45rem 1rem .45rem 0;border-bottom:1px solid var(--line)}
tr:last-child>td{border-bottom:0}th{color:var(--soft);font-weight:600;font-size:.9rem;white-space:nowrap}
td.number,th.number{text-align:right}td:last-child,th:last-child{padding-right:0}
time,.tag,.whole{white-space:nowrap}
.tag{display:inline-block;border-radius:9rem;padding:.05rem .6rem;font-size:.85rem;font-weight:600;background:var(--back);color:var(--soft);border:1px solid var(--line)}
.tag.good{background:var(--good-back);color:var(--good);border-color:transparent}.tag.bad{background:var(--bad-back);color:var(--bad);border-color:transparent}
.tag.busy{background:var(--busy-back);color:var(--busy);border-color:transparent}.tag.warn{background:var(--warn-back);color:var(--warn);border-color:transparent}
code,pre{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.875rem}
pre{margin:.35rem 0 .75rem;padding:.7rem .9rem;background:var(--back);border:1px solid var(--line);border-radius:.45rem;white-space:pre-wrap;max-height:28rem;overflow:auto}
details>summary{cursor:pointer;padding:.55rem 0;line-height:1.7}details.state{border-bottom:1px solid var(--line)}details.state:last-child{border-bottom:0}
details.state>div{padding:0 0 .6rem 1.1rem}details.state h3{font-size:.85rem;font-weight:600;color:var(--soft);margin:.4rem 0 0}
details:target>summary{color:var(--accent)}
form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:0 0 1rem}
label{display:contents}input{flex:1 1 14rem;min-width:0}
input,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:.45rem;padding:.4rem .7rem}
button{background:var(--accent);border-color:var(--accent);color:var(--paper);font-weight:600}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.log{list-style:none;margin:0;padding:0;font:.85rem/1.5 ui-monospace,monospace}.log li{padding:.3rem 0;border-bottom:1px solid var(--line);white-space:pre-wrap}.log li:last-child{border:0}.log time{color:var(--soft);margin-right:.7rem}
svg{display:block;margin:0 auto;font:13px system-ui,sans-serif}
svg rect{fill:var(--paper);stroke:var(--soft);stroke-width:1.25}svg text{fill:var(--ink)}svg .detail{fill:var(--soft);font-size:11px}
svg .not-reached rect{stroke:var(--line)}svg .not-reached text{fill:var(--soft)}
svg .succeeded rect{fill:var(--good-back);stroke:var(--good)}svg .failed rect{fill:var(--bad-back);stroke:var(--bad);stroke-width:2}
svg .running rect{fill:var(--busy-back);stroke:var(--busy);stroke-width:2}svg .caught rect{fill:var(--warn-back);stroke:var(--warn)}
svg .group rect{fill:var(--back)}
svg path{fill:none;stroke:var(--soft);stroke-width:1.25}svg path.caught-edge{stroke-dasharray:2 4;stroke:var(--warn)}svg marker path{fill:var(--soft);stroke:none}
svg circle{fill:var(--soft)}svg a:hover text{text-decoration:underline}
.legend{display:flex;flex-wrap:wrap;gap:.4rem;margin:0 0 .75rem}
@media (max-width:40rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}h1{font-size:1.2rem}
table.stack thead{display:none}table.stack tr{display:block;padding:.55rem 0;border-bottom:1px solid var(--line)}table.stack tr:last-child{border:0}
table.stack td{display:flex;gap:.75rem;border:0;padding:.1rem 0;text-align:left}table.stack td:empty{display:none}
table.stack td::before{content:attr(data-head);color:var(--soft);flex:0 0 6.5rem;font-size:.9rem}}
`;
