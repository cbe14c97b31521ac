import { html, type Markup } from '../domain/mail/markup.ts';
import { minute, type Surroundings } from '../domain/monitoring/recent-changes.ts';
import type { IncidentRow } from '../domain/monitoring/rows.ts';
import { type RenderedPage, renderPage } from './page.ts';

export interface IncidentView {
  readonly incident: IncidentRow;
  readonly around: Surroundings;
  /** How often each rule was right, in words. */
  readonly precision: readonly string[];
  /** Absent where it is over. */
  readonly form?: { readonly csrf: string };
  /** What just happened, in a sentence. */
  readonly notice?: { readonly tone: 'good' | 'bad' | 'plain'; readonly text: string };
}

/** An incident and how to answer it. Works without a script. */
export function incidentPage({ incident, around, precision, form, notice }: IncidentView): RenderedPage {
  const { model, detector, version, status, summary } = incident;
  const title = `${model}: ${detector}`;
  return renderPage({
    title: notice?.tone === 'bad' ? `Not sent – ${title}` : title,
    body: html`
<p class="quiet">Incident of ${model} version ${version}, ${status === 'Open' ? 'open' : 'closed'}</p>
<h1>${summary}</h1>
${notice && html`<div class="notice ${notice.tone}" role="status"><p>${notice.text}</p></div>`}
<section class="card"><p class="lead">Serving now: ${around.servingNow}</p>
<p>Last 24 hours: ${around.changes.length > 0 ? around.changes.join('; ') : 'nothing changed on this model'}.</p>
<p>Rollback: ${around.rollback}.</p></section>
${section('What is known', known(incident))}
${form && section('Answer', answers(form.csrf, incident.acknowledged !== undefined))}
${section('Other ways to act', commands(model))}
${precision.length > 0 && section('How often this was right', html`<ul>${precision.map((text) => html`<li>${text}</li>`)}</ul>`)}`,
  });
}

const section = (title: string, body: Markup): Markup => html`<section class="card"><h2>${title}</h2>${body}</section>`;

function known({
  features,
  start,
  openedAt,
  causes,
  severity,
  acknowledged,
  expected,
  closedBecause,
}: IncidentRow): Markup {
  const rows: [string, string][] = [
    ['About', features.join(', ')],
    ['Since', minute(start)],
    ['Opened', `${minute(openedAt)}, told by ${severity}`],
    ['Likely causes', causes.map((cause) => cause.replace(':', ' in ')).join(', ') || 'none found'],
  ];
  if (acknowledged)
    rows.push(['Acknowledged', `${minute(acknowledged.at)}, ${acknowledged.by}: ${acknowledged.note || 'no note'}`]);
  if (expected) rows.push(['Expected', `until ${expected.until.slice(0, 10)}, ${expected.by}: ${expected.note}`]);
  if (closedBecause !== undefined) rows.push(['Closed', closedBecause]);
  return html`<dl>${rows.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
}

const answers = (csrf: string, acknowledged: boolean): Markup => html`
<form method="post">
<input type="hidden" name="csrf" value="${csrf}">
<label for="note">Note, for whoever reads this next</label>
<textarea id="note" name="note" rows="3" maxlength="2000"></textarea>
${!acknowledged && html`<p><button name="action" value="acknowledge">Acknowledge: it is real, I look into it</button></p>`}
<label for="until">Expected until</label>
<input id="until" name="until" type="date">
<p><button name="action" value="expected">It is expected: close it, and tell nobody before that day</button></p>
</form>`;

const commands = (model: string): Markup => html`
<ul>
<li>Train on newer rows: upload them to <code>models/${model}/data/</code> in the intake bucket. A release starts, and somebody approves it before it serves.</li>
<li>Look for yourself: <code>launchway drift compare BASELINE CURRENT</code>, and with other thresholds <code>launchway drift backtest ${model}</code>.</li>
<li>To go back to the former version, follow the runbook's entry on rolling back: it is a deployment of its own, and is recorded.</li>
</ul>`;
