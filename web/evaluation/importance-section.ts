import type { Importance } from '../../domain/evaluation/importance.ts';
import { html, type Markup } from '../../domain/mail/markup.ts';
import { rangeCell } from './bars.ts';
import { count, labelOf, number, one } from './words.ts';

const MOST_FEATURES = 20;

/** What is lost where a feature tells nothing, the most important first. */
export function importanceSection(importance: Importance): Markup {
  if ('why' in importance) return html`<p>Permutation importance was not measured. ${importance.why}</p>`;
  const { metric, rows, repeats, features } = importance;
  const shown = features.slice(0, MOST_FEATURES);
  const most = Math.max(...shown.map(({ high }) => high), 0);
  const left = features.length - shown.length;
  return html`<p>How much ${labelOf(metric)} is lost where one feature's values are dealt out anew among ${count(rows)} held-out rows, ${repeats === 1 ? 'once' : `${repeats} times`}. Features that tell the same share what they tell: each alone may look dispensable.</p>
<table class="tight"><thead><tr><th scope="col">Feature</th><th scope="col" class="number">Loss of ${labelOf(metric)}</th><td class="bars"></td></tr></thead><tbody>${shown.map(
    (feature) =>
      html`<tr><th scope="row">${feature.feature}</th><td class="number">${number(feature.loss)}<br><small class="quiet">${number(feature.low)} to ${number(feature.high)}</small></td>${rangeCell({ ...feature, value: feature.loss }, most)}</tr>`,
  )}</tbody></table>
${left > 0 && html`<p class="quiet">${one(left, 'feature')} with less ${left === 1 ? 'is' : 'are'} in the evaluation document.</p>`}`;
}
