import type { Confusion } from '../../domain/evaluation/plots.ts';
import { html, type Markup } from '../../domain/mail/markup.ts';
import { count, percent } from './words.ts';

const SHADES = 8;

/** Rows by what is and what was decided; shaded by the share of a row, which the recall column says in numbers. */
export function confusionTable({ classes, rows }: Confusion): Markup {
  return html`<h3>What is, and what it decides</h3><div class="scroll" role="region" aria-label="Table of decisions" tabindex="0"><table class="confusion"><thead><tr><th scope="col">is \\ decided</th>${classes.map(
    (name) => html`<th scope="col" class="number">${name}</th>`,
  )}<th scope="col" class="number">recall</th></tr></thead><tbody>${rows.map((cells, is) => {
    const all = cells.reduce((sum, cell) => sum + cell, 0);
    return html`<tr><th scope="row">${classes[is]!}</th>${cells.map(
      (cell) => html`<td class="number shade${all === 0 ? 0 : Math.round((SHADES * cell) / all)}">${count(cell)}</td>`,
    )}<td class="number">${all === 0 ? '–' : percent(cells[is]! / all)}</td></tr>`;
  })}</tbody></table></div>`;
}
