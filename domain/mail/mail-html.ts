import type { MailBar, MailBlock } from './mail-document.ts';
import { numericColumns } from './mail-text.ts';
import { html, linkTarget, Markup } from './markup.ts';

/**
 * Every rule twice: inline for mail programs that drop `<style>`, in `<style>` for the dark scheme and phones. No image and no
 * address but the reader's own actions.
 */
const STYLE = new Markup(`
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
body,.page{background:#14171a!important;color:#e8eaed!important}
.card{background:#1e2226!important;border-color:#3a4148!important}
.quiet,.label,th{color:#a9b1ba!important}
.rule td,.rule th{border-color:#3a4148!important}
.lines{background:#14171a!important;color:#e8eaed!important;border-color:#3a4148!important}
.warning{background:#3b2f0b!important;color:#ffe9a8!important;border-color:#8a6d13!important}
.button{background:#8ab4f8!important;color:#10141a!important}
.good{border-color:#8fd9ae!important}.bad{border-color:#ffb4ab!important}
}
@media (max-width:480px){
.card{padding:16px!important;border-radius:0!important}
.facts td{font-size:15px!important}.facts .label{width:92px!important}
.button{display:block!important;text-align:center!important}
.rule{font-size:13px!important}
}
`);

const TONES = {
  lead: ';font-size:18px;line-height:1.4',
  good: ';padding-left:12px;border-left:4px solid #14663a',
  bad: ';padding-left:12px;border-left:4px solid #a3261b',
  plain: '',
  quiet: ';font-size:14px;color:#5c6670',
} as const;

const FACE = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const FIXED = 'font-family:ui-monospace,Menlo,Consolas,monospace';

/** The HTML part: one column, 640 px at most, light and dark, readable without images and at a phone's width. */
export function renderMailHtml(title: string, blocks: readonly MailBlock[], footer?: string): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${title}</title><style>${STYLE}</style></head>
<body style="margin:0;padding:0;background:#f4f5f7;color:#1c2024;-webkit-text-size-adjust:100%">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f4f5f7"><tr><td align="center" style="padding:16px 0">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:640px"><tr>
<td class="card" style="background:#ffffff;border:1px solid #dfe3e8;border-radius:8px;padding:24px;text-align:left;${new Markup(FACE)};font-size:16px;line-height:1.5">
${blocks.map(block)}</td></tr>
${footer !== undefined && html`<tr><td class="quiet" style="padding:12px 24px;${new Markup(FACE)};font-size:13px;line-height:1.5;color:#5c6670;text-align:left">${lines(footer)}</td></tr>`}
</table></td></tr></table></body></html>
`.text;
}

function block(one: MailBlock): Markup {
  switch (one.kind) {
    case 'heading':
      return html`<h2 style="margin:24px 0 8px;font-size:17px;line-height:1.3">${one.text}</h2>\n`;
    case 'paragraph':
      return html`<p${one.tone && html` class="${one.tone}"`} style="margin:0 0 12px;overflow-wrap:anywhere${one.tone && new Markup(TONES[one.tone])}">${lines(one.text)}</p>\n`;
    case 'warning':
      return html`<p class="warning" style="margin:0 0 12px;padding:10px 14px;border:1px solid #e0b400;border-radius:6px;background:#fff7db;color:#4d3d00;overflow-wrap:anywhere">${lines(one.text)}</p>\n`;
    case 'quote':
      return html`<blockquote class="rule" style="margin:0 0 12px;padding:4px 0 4px 14px;border-left:3px solid #9aa5b1;overflow-wrap:anywhere">${lines(one.text)}</blockquote>\n`;
    case 'facts':
      return html`<table role="presentation" class="facts" width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 12px">${one.rows.map(fact)}</table>\n`;
    case 'table':
      return table(one.head, one.rows);
    case 'bars':
      return bars(one.head, one.bars);
    case 'list':
      return html`<ul style="margin:0 0 12px;padding-left:20px">${one.items.map((item) => html`<li style="margin:0 0 4px;overflow-wrap:anywhere">${lines(item)}</li>`)}</ul>\n`;
    case 'lines':
      return html`<pre class="lines" style="margin:0 0 12px;padding:12px;border:1px solid #dfe3e8;border-radius:6px;background:#f4f5f7;${new Markup(FIXED)};font-size:13px;line-height:1.45;white-space:pre-wrap;overflow-wrap:anywhere">${one.lines.join('\n')}</pre>\n`;
    case 'action':
      return html`<p style="margin:20px 0"><a class="button" href="${linkTarget(one.url)}" style="display:inline-block;padding:12px 22px;border-radius:6px;background:#0b57d0;color:#ffffff;font-weight:600;text-decoration:none">${one.label}</a></p>\n`;
  }
}

const fact = ([label, value]: readonly [string, string]): Markup =>
  html`<tr><td class="label" width="140" valign="top" style="width:140px;padding:3px 12px 3px 0;color:#5c6670">${label}</td><td valign="top" style="padding:3px 0;overflow-wrap:anywhere">${lines(value)}</td></tr>`;

/** Widths of table cells make the bars: mail programs show them where they show no picture. */
function bars(head: string, shown: readonly MailBar[]): Markup {
  const most = Math.max(
    ...shown.filter(({ rest }) => !rest).map(({ baseline, current }) => Math.max(baseline, current)),
    Number.MIN_VALUE,
  );
  const bar = (share: number, colour: string, whose: string) =>
    html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td width="${Math.max(1, Math.round((share / most) * 70))}%" height="8" bgcolor="${colour}" style="background:${colour};height:8px;line-height:8px;font-size:0">&nbsp;</td><td class="quiet" style="padding-left:6px;font-size:12px;line-height:14px;color:#5c6670;white-space:nowrap">${(share * 100).toFixed(1)} % ${whose}</td></tr></table>`;
  const numbers = ({ baseline, current }: MailBar) =>
    html`<span class="quiet" style="font-size:12px;color:#5c6670">${(baseline * 100).toFixed(1)} % training, ${(current * 100).toFixed(1)} % now</span>`;
  const pair = (one: MailBar) =>
    html`<tr><td width="30%" valign="middle" style="padding:4px 10px 4px 0;font-size:13px;overflow-wrap:anywhere">${one.of === '' ? '(empty text)' : one.of}</td><td valign="middle" style="padding:4px 0">${one.rest ? numbers(one) : html`${bar(one.baseline, '#9aa5b1', 'training')}${bar(one.current, '#0b57d0', 'now')}`}</td></tr>`;
  return html`<table width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 12px;border-collapse:collapse"><caption class="quiet" style="text-align:left;font-size:13px;color:#5c6670;padding-bottom:4px">${head}</caption>${shown.map(pair)}</table>\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  const right = numericColumns(head, rows);
  const align = (i: number) => (right[i] ? 'right' : 'left');
  const rule = 'border-bottom:1px solid #dfe3e8';
  const cell = (text: string, i: number, row: readonly string[]) =>
    html`<td align="${align(i)}" colspan="${row.length === 1 ? head.length : 1}" style="padding:6px 8px 6px 0;${rule};overflow-wrap:break-word">${text}</td>`;
  return html`<table class="rule" width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 12px;border-collapse:collapse;font-size:15px"><tr>${head.map((text, i) => html`<th scope="col" align="${align(i)}" style="padding:6px 8px 6px 0;${rule};color:#5c6670;font-weight:600">${text}</th>`)}</tr>${rows.map((row) => html`<tr>${row.map((text, i) => cell(text, i, row))}</tr>`)}</table>\n`;
}

const lines = (text: string): Markup[] =>
  text.split('\n').map((line, i) => (i === 0 ? html`${line}` : html`<br>${line}`));
