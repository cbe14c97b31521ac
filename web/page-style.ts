/** The style of every page; its digest is in the content security policy, so no other style applies. Contrast is AA in both schemes. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--text:#1c2024;--quiet:#55606b;--line:#d5dae0;--accent:#0b57d0;--on-accent:#fff;--good:#14663a;--good-back:#e4f5eb;--bad:#a3261b;--bad-back:#fdeceb;--warn:#5c4400;--warn-back:#fff4cf;--field:#fff}
@media (prefers-color-scheme:dark){:root{--page:#14171a;--card:#1e2226;--text:#e8eaed;--quiet:#a9b1ba;--line:#3a4148;--accent:#8ab4f8;--on-accent:#10141a;--good:#8fd9ae;--good-back:#143323;--bad:#ffb4ab;--bad-back:#45191a;--warn:#ffe29a;--warn-back:#3b2f0b;--field:#14171a}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px}
.top{padding:14px 16px 0;max-width:800px;margin:0 auto;color:var(--quiet)}.brand{font-weight:700;letter-spacing:.01em}
main{max-width:800px;margin:0 auto;padding:8px 16px 64px}
h1{font-size:1.6rem;line-height:1.25;margin:12px 0 8px}
h2{font-size:1.15rem;line-height:1.3;margin:0 0 10px}
h3{font-size:1rem;margin:16px 0 8px}
p{margin:0 0 12px}
.verdict.good{padding-left:12px;border-left:4px solid var(--good)}.verdict.bad{padding-left:12px;border-left:4px solid var(--bad)}
a{color:var(--accent)}
.lead{font-size:1.1rem}
.quiet{color:var(--quiet)}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px;margin:16px 0}
.notice{border-radius:8px;padding:12px 16px;margin:12px 0;background:var(--warn-back);color:var(--warn)}
.notice.good{background:var(--good-back);color:var(--good)}.notice.bad{background:var(--bad-back);color:var(--bad)}
.notice p:last-child,.card>:last-child{margin-bottom:0}
form+p{margin-top:16px}
dl{display:grid;grid-template-columns:minmax(120px,auto) 1fr;gap:6px 18px;margin:0}
dt{color:var(--quiet)}dd{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{overflow-wrap:break-word;text-align:left;vertical-align:top;padding:8px 12px 8px 0;border-bottom:1px solid var(--line)}
th{color:var(--quiet);font-weight:600}
.number{text-align:right}
.tag{display:inline-block;border-radius:99px;padding:1px 10px;font-size:.85rem;font-weight:600;background:var(--warn-back);color:var(--warn)}
.tag.even{background:var(--page);color:var(--quiet)}
.tag.good{background:var(--good-back);color:var(--good)}.tag.bad{background:var(--bad-back);color:var(--bad)}
ul{margin:0 0 12px;padding-left:20px}
ul.verdicts{list-style:none;padding:0}ul.verdicts li{padding:8px 0;border-bottom:1px solid var(--line)}ul.verdicts li:last-child{border:0}
code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.9em}
pre{margin:0;font:.85rem/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre}
pre .new{color:var(--good)}pre .gone{color:var(--bad)}pre .skipped{color:var(--quiet)}
label{display:block;font-weight:600;margin:0 0 6px}
textarea{width:100%;min-height:110px;padding:10px 12px;border:1px solid var(--quiet);border-radius:8px;background:var(--field);color:var(--text);font:inherit}
.buttons{display:flex;flex-wrap:wrap;gap:12px;margin-top:16px}
button{flex:1 1 160px;min-height:48px;padding:10px 20px;border-radius:8px;border:2px solid var(--accent);font:inherit;font-weight:700;cursor:pointer;background:var(--accent);color:var(--on-accent)}
textarea.short{min-height:76px}
select,input[type=date],input[type=text]{width:100%;min-height:48px;padding:10px 12px;border:1px solid var(--quiet);border-radius:8px;background:var(--field);color:var(--text);font:inherit}
.pair{display:flex;flex-wrap:wrap;gap:0 16px;margin-top:12px}.pair p{flex:1 1 180px}
summary{cursor:pointer;font-weight:600;min-height:24px}details[open]>summary{margin-bottom:12px}
ol.thread{list-style:none;margin:0 0 16px;padding:0}.thread li{border-left:3px solid var(--line);padding:2px 0 2px 12px;margin:0 0 12px}.thread li.question{border-color:var(--accent)}.thread p{margin:0}.said{white-space:pre-wrap}
form.line{display:flex;justify-content:flex-end;align-items:baseline;gap:12px}
button.link{flex:none;min-height:44px;padding:0;border:0;background:none;color:var(--accent);font-weight:400;text-decoration:underline}
button.second{background:transparent;border-color:var(--bad);color:var(--bad)}
button.second.plain{border-color:var(--accent);color:var(--accent)}
h3{font-size:1rem;line-height:1.35;margin:18px 0 6px}
details{border-top:1px solid var(--line);padding:12px 0}summary{cursor:pointer;font-weight:600;min-height:32px}details[open]>summary{margin-bottom:10px}
label.check{display:flex;gap:10px;font-weight:400;align-items:flex-start}label.check input{margin-top:5px;flex:none}
input[type=date],input[type=text],select{min-height:44px;max-width:100%;padding:8px 12px;margin:0 0 12px;border:1px solid var(--quiet);border-radius:8px;background:var(--field);color:var(--text);font:inherit}
figure.bars{margin:0 0 16px}figure.bars figcaption{color:var(--quiet);margin-bottom:6px}
figure.bars th,figure.bars td{padding:3px 10px 3px 0;border:0;vertical-align:middle}figure.bars th{width:30%;color:var(--text);font-weight:400}figure.bars .number{width:1%;white-space:nowrap}
figure.bars svg{display:block;width:100%;height:22px}.b{fill:#98a3ae}.c{fill:var(--accent)}
.key::before{content:"";display:inline-block;width:12px;height:9px;margin:0 5px 0 10px;background:#98a3ae}.key.c::before{background:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
@media (max-width:520px){figure.bars tr{display:grid;grid-template-columns:1fr auto;padding:3px 0}figure.bars th,figure.bars td{padding:0;width:auto}figure.bars .bar{grid-row:2;grid-column:1/3}figure.bars svg{height:18px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:10px}.card{padding:16px}h1{font-size:1.35rem}th,td{padding-right:8px;font-size:.92rem}}
`;
