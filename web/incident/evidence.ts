import { numericColumns } from '../../domain/mail/mail-text.ts';
import { html, type Markup } from '../../domain/mail/markup.ts';
import type { Evidence } from '../../domain/monitoring/rows.ts';

/** What a detector found, block by block, as the mail shows it too. */
export const evidenceMarkup = (blocks: readonly Evidence[]): Markup => html`${blocks.map(block)}`;

function block(one: Evidence): Markup {
  switch (one.kind) {
    case 'heading':
      return html`<h3>${one.text}</h3>\n`;
    case 'paragraph':
      return html`<p>${one.text}</p>\n`;
    case 'warning':
      return html`<div class="notice"><p>${one.text}</p></div>\n`;
    case 'facts':
      return html`<dl>${one.rows.map(([label, value]) => html`<dt>${label}</dt><dd>${lines(value)}</dd>`)}</dl>\n`;
    case 'table':
      return tableMarkup(one.head, one.rows);
    case 'bars':
      return barsFigure(one);
    case 'list':
      return html`<ul>${one.items.map((item) => html`<li>${item}</li>`)}</ul>\n`;
    case 'quote':
      return html`<blockquote>${lines(one.text)}</blockquote>\n`;
    case 'lines':
      return html`<pre>${one.lines.join('\n')}</pre>\n`;
  }
}

function tableMarkup(head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  const right = numericColumns(head, rows).map((is) => is && html` class="number"`);
  const titles = head.map((cell, i) => html`<th scope="col"${right[i]}>${cell}</th>`);
  const cells = (row: readonly string[]) => row.map((cell, i) => html`<td${right[i]}>${cell}</td>`);
  return html`<div class="scroll" role="region" aria-label="${head.join(', ')}" tabindex="0"><table><thead><tr>${titles}</tr></thead><tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody></table></div>\n`;
}

export const lines = (text: string): Markup[] =>
  text.split('\n').map((line, i) => (i === 0 ? html`${line}` : html`<br>${line}`));

/** Training above, now below, on one scale; the numbers beside say the same. */
function barsFigure({ head, bars }: Extract<Evidence, { readonly kind: 'bars' }>): Markup {
  const pairs = bars.filter(({ rest }) => !rest);
  const most = Math.max(...pairs.map(({ baseline, current }) => Math.max(baseline, current)), Number.MIN_VALUE);
  const width = (share: number): string => ((100 * share) / most).toFixed(1);
  return html`<figure class="bars"><figcaption>${head} <span class="key b">training</span> <span class="key c">now</span></figcaption>
<table><tbody>${bars.map(
    ({ of, baseline, current, rest }) =>
      html`<tr><th scope="row">${of === '' ? '(empty text)' : of}</th><td class="bar">${!rest && html`<svg viewBox="0 0 100 22" preserveAspectRatio="none" aria-hidden="true"><rect class="b" x="0" y="1" height="9" width="${width(baseline)}"/><rect class="c" x="0" y="12" height="9" width="${width(current)}"/></svg>`}</td><td class="number">${percent(baseline)} → ${percent(current)}</td></tr>`,
  )}</tbody></table></figure>\n`;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}\u00a0%`;
