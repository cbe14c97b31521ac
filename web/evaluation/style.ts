/** What an evaluation's page adds to the style of every page. Colours are told apart by lightness and line style too. */
export const EVALUATION_STYLE = `
:root{--candidate:#0b57d0;--champion:#a34700;--positive:#0b57d0;--negative:#8a939c;--grid:#e3e7ec}
@media (prefers-color-scheme:dark){:root{--candidate:#8ab4f8;--champion:#ffb77a;--positive:#8ab4f8;--negative:#7d868f;--grid:#30363d}}
.top,main{max-width:980px}
.card.good{border-left:6px solid var(--good)}.card.bad{border-left:6px solid var(--bad)}
table+p,.scroll+p{margin-top:10px}
.cards th:first-child{width:17%}.cards th:nth-child(2){width:25%}.cards th:nth-child(3){width:11%}
h3{font-size:1rem;margin:20px 0 6px}h2+h3,figcaption h3{margin-top:0}
.contents{display:flex;flex-wrap:wrap;gap:4px 16px;margin:12px 0 0;padding:0;list-style:none}
.contents a{display:inline-block;padding:4px 0}
.key-facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:16px 0;padding:0;list-style:none}
.key-facts li{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.key-facts b{display:block;font-size:1.35rem;line-height:1.3;font-variant-numeric:tabular-nums}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:24px}
figure{margin:0;min-width:0}figcaption p{min-height:3.1em;margin:0 0 4px;font-size:.92rem}
.plot{max-width:460px}.plot>svg{display:block;width:100%;height:auto}
svg text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;fill:var(--quiet)}
.grid{stroke:var(--grid);stroke-width:1}
path.candidate,line.candidate{fill:none;stroke:var(--candidate);stroke-width:2.2;stroke-linejoin:round}
path.champion,line.champion{fill:none;stroke:var(--champion);stroke-width:2;stroke-dasharray:6 3}
.reference{stroke:var(--quiet);stroke-width:1.2;stroke-dasharray:2 3}
.threshold{stroke:var(--text);stroke-width:1.4;vector-effect:non-scaling-stroke}
.whisker{stroke:var(--text);stroke-width:1.6;vector-effect:non-scaling-stroke}
.dot{fill:var(--candidate);stroke:var(--card);stroke-width:1.5}
.point{fill:var(--candidate);fill-opacity:.45}
.negatives{fill:var(--negative);fill-opacity:.45;stroke:var(--negative);stroke-width:1.2}
.positives{fill:var(--positive);fill-opacity:.4;stroke:var(--positive);stroke-width:1.2}
.bar{fill:var(--candidate);fill-opacity:.55}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 16px;margin:4px 0 0;padding:0;font-size:.88rem}
.key{width:26px;height:12px;vertical-align:-1px}
td.bars{width:28%;min-width:70px}td.bars svg{display:block;width:100%;height:14px;margin-top:4px}
thead td.bars{border-bottom:1px solid var(--line)}
.whiskers{width:100px;height:14px;display:block}
table.tight th,table.tight td{padding-top:5px;padding-bottom:5px}
.number{white-space:nowrap}th.number{white-space:normal}
.cards .tag+code{margin-left:4px}.cards td p{margin:4px 0 0}
tbody th{color:var(--text)}
small{font-size:.85em}
.shade0{background:none}.shade1{background:color-mix(in srgb,var(--candidate) 6%,transparent)}.shade2{background:color-mix(in srgb,var(--candidate) 11%,transparent)}.shade3{background:color-mix(in srgb,var(--candidate) 16%,transparent)}.shade4{background:color-mix(in srgb,var(--candidate) 21%,transparent)}.shade5{background:color-mix(in srgb,var(--candidate) 26%,transparent)}.shade6{background:color-mix(in srgb,var(--candidate) 31%,transparent)}.shade7{background:color-mix(in srgb,var(--candidate) 36%,transparent)}.shade8{background:color-mix(in srgb,var(--candidate) 41%,transparent)}
.confusion td,.confusion th{padding:6px 8px}
dd code{overflow-wrap:anywhere}
@media (max-width:640px){.cards th:first-child,.cards th:nth-child(2),.cards th:nth-child(3){width:auto}
figcaption p{min-height:0}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards tr{display:block;padding:10px 0;border-bottom:1px solid var(--line)}.cards th,.cards td{display:block;border:0;padding:2px 0;text-align:left}
.cards td[data-label]::before{content:attr(data-label) ": ";color:var(--quiet)}
.cards tbody th{font-size:1.05rem}
td.bars{width:18%;min-width:44px}}
@media print{:root{--page:#fff;--card:#fff;--text:#000;--quiet:#444;--line:#bbb;--good:#14663a;--good-back:#fff;--bad:#a3261b;--bad-back:#fff;--warn:#5c4400;--warn-back:#fff;--candidate:#0b57d0;--champion:#a34700;--positive:#0b57d0;--negative:#8a939c;--grid:#ddd;color-scheme:light}
body{font-size:11pt;background:#fff}.top,main{max-width:none;padding-left:0;padding-right:0}.contents,.skip{display:none}
.card{border:0;border-top:1px solid var(--line);border-radius:0;padding:12px 0;margin:8px 0}figure,tr,.key-facts{break-inside:avoid}h2,h3{break-after:avoid}.tag{border:1px solid}
.scroll{overflow:visible}.plots{grid-template-columns:1fr 1fr}}
`;
