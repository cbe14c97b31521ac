import type { ApprovalRequest, ApprovalStatus, Vote } from '../domain/approval/approval-request.ts';
import { MAX_REASON_CHARACTERS } from '../domain/approval/cast-vote.ts';
import { type Evidence, moment } from '../domain/approval/evidence.ts';
import { fillSeats } from '../domain/approval/seats.ts';
import { html, type Markup } from '../domain/mail/markup.ts';
import { type RenderedPage, renderPage } from './page.ts';

/** How the reader is known, where an issuer is configured. */
export interface SignedIn {
  readonly issuer: string;
  readonly subject: string;
  readonly signOutUrl: string;
}

export interface ApprovalView {
  readonly request: ApprovalRequest;
  readonly evidence: Evidence;
  readonly votes: readonly Vote[];
  /** Status as it is now, expiry included. */
  readonly status: ApprovalStatus;
  /** The reader, as the link names them. */
  readonly reader: { readonly person: string; readonly name: string; readonly signedIn?: SignedIn };
  /** Person id → name. */
  readonly names: ReadonlyMap<string, string>;
  /** Absent where this reader cannot decide any more. */
  readonly form?: { readonly csrf: string; readonly reason?: string; readonly problem?: string };
  /** What just happened, in a sentence. */
  readonly notice?: { readonly tone: 'good' | 'bad' | 'plain'; readonly text: string };
}

/** The evidence and, for an approver whose vote is open, the form. Works without a script, at a phone's width, for a screen reader. */
export function approvalPage(view: ApprovalView): RenderedPage {
  const { evidence } = view;
  const title = `${evidence.model} version ${evidence.version}: may it serve?`;
  return renderPage({
    title: view.form?.problem === undefined ? title : `Not sent – ${title}`,
    body: html`
${view.reader.signedIn && signOut(view.reader.signedIn, view.reader.name)}
<p class="quiet">Release ${evidence.release} of ${evidence.model}</p>
<h1>${title}</h1>
${view.notice && notice(view.notice.tone, view.notice.text)}
${standing(view)}
<section class="card"><p class="lead">${evidence.inWords[0]}</p><p>${evidence.inWords[1]}</p><p>${evidence.inWords[2]}</p></section>
${view.form && form(view, view.form)}
${evidence.changes.length > 0 && section('What changes', html`<ul>${evidence.changes.map((text) => html`<li>${text}</li>`)}</ul>`)}
${evidence.metrics.length > 0 && section(evidence.metrics.some(({ champion }) => champion !== undefined) ? 'Candidate and champion' : 'Measured', metrics(evidence))}
${evidence.gates.length > 0 && section('Gates', gates(evidence))}
${evidence.slices.length > 0 && section('Where it does worst', slices(evidence))}
${evidence.definitionDiff.length > 0 && section('model.yaml against what serves', diff(evidence))}
${evidence.findings.length > 0 && section('Findings', html`<ul>${evidence.findings.map((text) => html`<li>${text}</li>`)}</ul>`)}
${section('Seats', seats(view))}
${section('This release', html`<dl>${evidence.facts.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`)}
`,
  });
}

const section = (title: string, content: Markup): Markup =>
  html`<section class="card"><h2>${title}</h2>${content}</section>`;

const notice = (tone: 'good' | 'bad' | 'plain', text: string): Markup =>
  html`<div class="notice ${tone}" role="status"><p>${text}</p></div>`;

const STANDING: Readonly<Record<ApprovalStatus, { readonly tone: 'good' | 'bad' | 'plain'; readonly text: string }>> = {
  Pending: { tone: 'plain', text: '' },
  Approved: { tone: 'good', text: 'This version was approved. Deciding is over.' },
  Rejected: { tone: 'bad', text: 'This version was rejected. Deciding is over.' },
  Expired: { tone: 'bad', text: 'This request expired: nobody decided in time, so nothing was deployed.' },
  Superseded: { tone: 'bad', text: 'A newer release of this model took the place of this request. Look for its mail.' },
  Withdrawn: { tone: 'bad', text: 'This request was withdrawn.' },
};

/** The state of the request, unless a notice has just said it. */
function standing({ status, notice: said, votes, reader }: ApprovalView): Markup | undefined {
  if (said) return undefined;
  if (status !== 'Pending') return notice(STANDING[status].tone, STANDING[status].text);
  const own = votes.find(({ person }) => person === reader.person);
  return own && notice('plain', 'You have decided. Others are still asked; a decision cannot be taken back.');
}

function form({ request, reader }: ApprovalView, { csrf, reason, problem }: NonNullable<ApprovalView['form']>): Markup {
  const warned = request.warnings.length > 0;
  return html`<section class="card" aria-labelledby="decide"><h2 id="decide">Decide as ${reader.name}</h2>
${request.warnings.map((text) => notice('plain', text))}
${problem !== undefined && html`<div class="notice bad" role="alert" id="problem"><p>${problem}</p></div>`}
<form method="post">
<input type="hidden" name="csrf" value="${csrf}">
<label for="reason">Reason</label>
<p class="quiet" id="reason-hint">${warned ? 'Needed for either decision: an approval here is over a warning.' : 'Needed for a rejection.'} It is kept with the decision.</p>
<textarea id="reason" name="reason" maxlength="${MAX_REASON_CHARACTERS}" aria-describedby="reason-hint${problem === undefined ? '' : ' problem'}">${reason ?? ''}</textarea>
<div class="buttons"><button type="submit" name="decision" value="approve">Approve</button><button type="submit" name="decision" value="reject" class="second">Reject</button></div>
</form>
${request.approvers.some(({ person, escalated }) => escalated && person === reader.person) && html`<p>You are asked because those who were asked first have not decided; your vote counts as theirs would.</p>`}
<p class="quiet">${
    reader.signedIn
      ? html`You are signed in as ${reader.signedIn.subject} at ${reader.signedIn.issuer}, and the record will say so. You can decide until ${moment(request.expiresAt)}.`
      : html`You are known by this link alone: no sign-in is configured, so whoever holds the link decides as ${reader.name}, and the record says so. It is valid until ${moment(request.expiresAt)}.`
  }</p></section>`;
}

/** Only with this page's own style; the answer says that it is over in every browser. */
const signOut = ({ signOutUrl }: SignedIn, name: string): Markup =>
  html`<form method="post" action="${signOutUrl}" class="line"><span class="quiet">${name}</span> <button class="link">Sign out</button></form>`;

function metrics({ metrics: rows }: Evidence): Markup {
  const compared = rows.some(({ champion }) => champion !== undefined);
  return html`<div class="scroll" role="region" aria-label="Metrics" tabindex="0"><table><thead><tr><th scope="col">Metric</th><th scope="col" class="number">Candidate</th>${compared && html`<th scope="col" class="number">Champion</th><th scope="col" class="number">Difference</th>`}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${row.metric}</th><td class="number">${row.candidate}</td>${compared && html`<td class="number">${row.champion ?? '–'}</td><td class="number">${row.difference ?? '–'}</td>`}</tr>`,
  )}</tbody></table></div>`;
}

const VERDICTS = {
  Passed: { tone: 'good', text: 'passed' },
  Failed: { tone: 'bad', text: 'failed' },
  NotComparable: { tone: 'plain', text: 'not comparable' },
  Undefined: { tone: 'bad', text: 'undefined' },
} as const;

const gates = ({ gates: rows }: Evidence): Markup =>
  html`<div class="scroll" role="region" aria-label="Gates" tabindex="0"><table><thead><tr><th scope="col">Gate</th><th scope="col" class="number">Measured</th><th scope="col">Needed</th><th scope="col">Verdict</th></tr></thead><tbody>${rows.map(
    ({ metric, measured, needed, verdict, why }) =>
      html`<tr><th scope="row">${metric}</th><td class="number">${measured === null ? '–' : String(Number(measured.toPrecision(4)))}</td><td>${needed}</td><td><span class="tag ${VERDICTS[verdict].tone}">${VERDICTS[verdict].text}</span> <span class="quiet">${why}</span></td></tr>`,
  )}</tbody></table></div>`;

const slices = ({ slices: rows }: Evidence): Markup =>
  html`<div class="scroll" role="region" aria-label="Slices" tabindex="0"><table><thead><tr><th scope="col">Slice</th><th scope="col" class="number">Rows</th><th scope="col" class="number">${rows[0]?.metric ?? ''}</th></tr></thead><tbody>${rows.map(
    ({ slice, rows: count, value }) =>
      html`<tr><th scope="row">${slice}</th><td class="number">${count.toLocaleString('en')}</td><td class="number">${String(Number(value.toPrecision(3)))}</td></tr>`,
  )}</tbody></table></div>`;

const MARKS = { same: ' ', gone: '−', new: '+', skipped: ' ' } as const;

/** Marked by a sign as well as by colour. */
const diff = ({ definitionDiff }: Evidence): Markup =>
  html`<div class="scroll" role="region" aria-label="Changes of model.yaml" tabindex="0"><pre>${definitionDiff.map(
    ({ kind, text }) => html`<span class="${kind}">${MARKS[kind]} ${text}</span>\n`,
  )}</pre></div>`;

function seats({ request, votes, names }: ApprovalView): Markup {
  const approving = request.approvers.filter(({ person }) =>
    votes.some((vote) => vote.person === person && vote.choice === 'approve'),
  );
  const rejection = votes.find(({ choice }) => choice === 'reject');
  const name = (person: string) => names.get(person) ?? person;
  const said = (person: string) => {
    const reason = votes.find((vote) => vote.person === person)?.reason;
    return reason ? html` – “${reason}”` : undefined;
  };
  return html`<ul>${fillSeats(request.seats, approving).map(
    ({ role, person }) =>
      html`<li>${role}: ${person === undefined ? html`<span class="tag">open</span>` : html`<span class="tag good">approved</span> ${name(person)}${said(person)}`}</li>`,
  )}${rejection && html`<li><span class="tag bad">rejected</span> ${name(rejection.person)}${said(rejection.person)}</li>`}</ul>`;
}
