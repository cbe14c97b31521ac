import type { RollbackSafety } from '../../domain/deployment/rollback-safety.ts';
import { html, type Markup } from '../../domain/mail/markup.ts';
import type { IncidentRow } from '../../domain/monitoring/rows.ts';

interface Form {
  readonly csrf: string;
  /** `2026-02-15` */
  readonly today: string;
}

const DAY_MS = 86_400_000;

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00.000Z`) + days * DAY_MS).toISOString().slice(0, 10);

const csrfField = ({ csrf }: Form): Markup => html`<input type="hidden" name="csrf" value="${csrf}">`;

/** It is real, or it is expected: the answers are each rule's precision. */
export const answerForm = (
  form: Form,
  incident: IncidentRow,
  windows: readonly { readonly start: string; readonly rows: number }[],
): Markup => html`
<form method="post">${csrfField(form)}
<label for="note">Note, for whoever reads this next</label>
<textarea id="note" name="note" rows="2" maxlength="2000"></textarea>
${incident.acknowledged ? html`<p class="quiet">${incident.acknowledged.by} looks into it.</p>` : html`<p><button name="action" value="acknowledge" formnovalidate>It is real, I look into it</button></p>`}
<details><summary>It is expected</summary>
<label for="until">Tell nobody of ${incident.features.slice(0, 3).join(', ')} before</label>
<input id="until" name="until" type="date" min="${dayAfter(form.today, 1)}" max="${dayAfter(form.today, 180)}" value="${dayAfter(form.today, 7)}">
${windows.length > 0 && baselineChoice(windows)}
<p><button name="action" value="expected">Close it as expected</button></p>
</details>
</form>`;

const baselineChoice = (windows: readonly { readonly start: string; readonly rows: number }[]): Markup => html`
<label for="window">From now on, hold them against</label>
<select id="window" name="window"><option value="">the training data, as before</option>${windows.map(
  ({ start, rows }) =>
    html`<option value="${start}">the window of ${start.slice(0, 16).replace('T', ' ')} (${rows.toLocaleString('en')} rows)</option>`,
)}</select>`;

export const retrainForm = (form: Form, { model }: IncidentRow): Markup => html`
<form method="post">${csrfField(form)}
<p>The governor starts a release where its rules allow it: there must be labelled rows newer than what serves has learnt from (uploaded to <code>models/${model}/data/</code>). People approve it before it serves.</p>
<label for="retrain-note">Why; approvers read it</label>
<textarea id="retrain-note" name="note" rows="2" maxlength="2000" required></textarea>
<p><button name="action" value="retrain">Ask for a retraining</button></p>
</form>`;

/** What is asked for is what the reader saw: both versions are in the form. */
export const rollbackForm = (
  form: Form,
  { verdict, to, inWords }: RollbackSafety,
  serving: number | undefined,
): Markup =>
  verdict === 'impossible' || to === undefined || serving === undefined
    ? html`<p>Rollback is ${inWords}.</p>`
    : html`
<form method="post">${csrfField(form)}<input type="hidden" name="from" value="${serving}"><input type="hidden" name="to" value="${to}">
<p>${capital(inWords)}.</p>
${verdict === 'unsafe' && html`<label class="check"><input type="checkbox" name="unsafe" value="yes" required> Callers have been told, or it has to be done all the same</label>`}
<label for="rollback-note">Why</label>
<textarea id="rollback-note" name="note" rows="2" maxlength="2000" required></textarea>
<label class="check"><input type="checkbox" name="withdraw" value="yes"> Version ${serving} is never to serve again</label>
<p><button class="second" name="action" value="roll-back">Serve version ${to} in place of version ${serving}</button></p>
</form>`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
