import type { RollbackSafety } from '../domain/deployment/rollback-safety.ts';
import { html, type Markup } from '../domain/mail/markup.ts';
import { DETECTOR_RULES } from '../domain/monitoring/detectors.ts';
import type { FleetIncident } from '../domain/monitoring/fleet.ts';
import { runbookOf, surroundingRows } from '../domain/monitoring/incident-mail.ts';
import { minute, type Surroundings } from '../domain/monitoring/recent-changes.ts';
import type { IncidentRow } from '../domain/monitoring/rows.ts';
import { answerForm, retrainForm, rollbackForm } from './incident/actions.ts';
import { evidenceMarkup, lines } from './incident/evidence.ts';
import { type RenderedPage, renderPage } from './page.ts';

export interface IncidentView {
  readonly incident: IncidentRow;
  readonly owner: string;
  readonly around: Surroundings;
  readonly safety: RollbackSafety;
  /** The version that serves; what a rollback from this page starts from. */
  readonly serving?: number;
  /** How often each rule was right, in words. */
  readonly precision: readonly string[];
  /** What was done about it so far, oldest first, in words. */
  readonly history: readonly string[];
  /** What it is a part of. */
  readonly fleet?: FleetIncident;
  /** Checked windows that a new baseline can be taken from, newest first. */
  readonly windows: readonly { readonly start: string; readonly rows: number }[];
  /** Where this deployment's runbook is, where it says. */
  readonly runbook?: string;
  /** Absent where it is over. */
  readonly form?: { readonly csrf: string; readonly today: string };
  /** What just happened, in a sentence. */
  readonly notice?: { readonly tone: 'good' | 'bad' | 'plain'; readonly text: string };
}

/** An incident and what can be done about it, in the order in which somebody who was woken needs it. Works without a script. */
export function incidentPage(view: IncidentView): RenderedPage {
  const { incident, around, precision, history, form, notice } = view;
  const { model, detector, version, status, summary } = incident;
  const title = `${model}: ${detector}`;
  return renderPage({
    title: notice?.tone === 'bad' ? `Not sent – ${title}` : title,
    body: html`
<p class="quiet">${model} version ${version} <span class="tag ${status === 'Open' ? 'bad' : 'good'}">${status === 'Open' ? 'open' : 'closed'}</span> since ${minute(incident.start)}, told by ${incident.severity}</p>
<h1>${summary}</h1>
${notice && html`<div class="notice ${notice.tone}" role="status"><p>${notice.text}</p></div>`}
${section('Now', html`<dl>${[...surroundingRows(around), ['Owner', view.owner] as const].map(([label, value]) => html`<dt>${label}</dt><dd>${lines(value)}</dd>`)}</dl>`)}
${form && actions(view, form)}
${section(DETECTOR_RULES[detector].heading(incident), evidenceMarkup(incident.evidence ?? []))}
${section('What to do', advice(view))}
${fleetSection(view)}
${history.length > 0 && section('What was done', list(history))}
${precision.length > 0 && section('How often this was right', list(precision))}`,
  });
}

const section = (title: string, body: Markup): Markup =>
  html`<section class="card"><h2>${title}</h2>${body}</section>\n`;

const list = (items: readonly string[]): Markup => html`<ul>${items.map((text) => html`<li>${text}</li>`)}</ul>`;

/** Closed until somebody opens one: the page is to be read first, and a thumb slips. */
const actions = (
  { incident, safety, serving, windows }: IncidentView,
  form: NonNullable<IncidentView['form']>,
): Markup =>
  html`<section class="card"><h2>Answer</h2>
${answerForm(form, incident, windows)}
<details><summary>Train on newer rows</summary>${retrainForm(form, incident)}</details>
<details><summary>Roll back</summary>${rollbackForm(form, safety, serving)}</details>
</section>\n`;

const advice = ({ incident, runbook }: IncidentView): Markup =>
  html`<ul>${DETECTOR_RULES[incident.detector].advice(incident).map((text) => html`<li>${text}</li>`)}
<li>With other thresholds: <code>launchway drift backtest ${incident.model}</code></li>
<li>Runbook: ${runbook === undefined ? runbookOf(incident.detector, undefined) : html`<a href="${runbookOf(incident.detector, runbook)}">${incident.detector}</a>`}</li></ul>`;

function fleetSection({ fleet, incident }: IncidentView): Markup | undefined {
  if (!fleet) return undefined;
  const others = [...fleet.children].map((id) => id.split('/')[0]!).filter((model) => model !== incident.model);
  const shared = fleet.shared.kind === 'dataset' ? 'learnt from the same dataset' : `saw ${fleet.shared.name} move`;
  return section(
    `One of ${fleet.children.size} models`,
    html`<p>${others.slice(0, 12).join(', ')}${others.length > 12 && ` and ${others.length - 12} more`} ${shared}: look at what they have in common first. Each is answered on its own page; the mail has the links.</p>`,
  );
}
