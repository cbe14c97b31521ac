import type { ApprovalRequest, ApprovalStatus, Vote } from '../domain/approval/approval-request.ts';
import { MAX_REASON_CHARACTERS } from '../domain/approval/cast-vote.ts';
import { moment } from '../domain/approval/moment.ts';
import { seatsInWords } from '../domain/approval/seats.ts';
import { MAX_NOTE_CHARACTERS, type Note } from '../domain/approval/thread.ts';
import { html, type Markup } from '../domain/mail/markup.ts';
import { notesList, problemNotice } from './approval-acts.ts';
import { section } from './evidence-sections.ts';
import { type RenderedPage, renderPage } from './page.ts';

/** What who submitted sees of a request. */
export interface SubmissionView {
  readonly request: ApprovalRequest;
  /** Status as it is now, expiry included. */
  readonly status: ApprovalStatus;
  readonly votes: readonly Vote[];
  readonly notes: readonly Note[];
  /** Who submitted, by name. */
  readonly reader: string;
  /** Person id → name. */
  readonly names: ReadonlyMap<string, string>;
  readonly timeZone: string;
  /** Absent once nothing can be said any more. */
  readonly csrf?: string;
  readonly problem?: { readonly of: 'answer' | 'withdraw'; readonly text: string; readonly typed: string };
  readonly notice?: { readonly tone: 'good' | 'bad' | 'plain'; readonly text: string };
}

const STANDING: Readonly<Record<ApprovalStatus, string>> = {
  Pending: 'People are asked.',
  Approved: 'It was approved, and is deployed.',
  Rejected: 'It was rejected.',
  Expired: 'Nobody decided in time, and silence is a no.',
  Superseded: 'A newer release took its place.',
  Withdrawn: 'It was withdrawn.',
};

/** How a request stands, for who submitted it: the questions, and forms to answer or to withdraw. */
export function submissionPage(view: SubmissionView): RenderedPage {
  const { request, notice, problem, csrf } = view;
  const name = (person: string): string =>
    view.names.get(person) ?? (person === request.submitter.principal ? view.reader : person);
  const title = `${request.model} version ${request.version}: how your release stands`;
  return renderPage({
    title: problem ? `Not sent – ${title}` : title,
    body: html`
<p class="quiet">Release ${request.release} of ${request.model}, for ${view.reader}</p>
<h1>${title}</h1>
${notice && html`<div class="notice ${notice.tone}" role="status"><p>${notice.text}</p></div>`}
<section class="card"><p class="lead">${STANDING[view.status]}</p>${facts(view, name)}</section>
${section('Questions and comments', html`${notesList(view.notes, name, view.timeZone)}${csrf !== undefined && answerForm(csrf, problem)}`)}
${csrf !== undefined && withdrawForm(csrf, problem)}`,
  });
}

function facts({ request, votes, status, timeZone }: SubmissionView, name: (person: string) => string): Markup {
  const voted = votes.map(
    ({ person, choice, reason }) =>
      `${name(person)} ${choice === 'approve' ? 'approved' : 'rejected'}${reason ? `: “${reason}”` : ''}`,
  );
  const waiting = request.approvers.filter(({ person }) => !votes.some((vote) => vote.person === person));
  const rows: (readonly [string, string])[] = [
    ['Needs', seatsInWords(request.seats)],
    ['Decided', voted.join('; ') || 'nobody yet'],
    ...(status === 'Pending'
      ? ([
          ['Asked', waiting.map(({ person }) => name(person)).join(', ')],
          ['Until', `${moment(request.expiresAt, timeZone)}; silence is a no`],
        ] as const)
      : []),
    ...(status === 'Expired' || status === 'Withdrawn'
      ? ([['Ask again', `launchway ask-again ${request.model}/${request.release} (without training)`]] as const)
      : []),
  ];
  return html`<dl>${rows.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
}

const answerForm = (csrf: string, problem: SubmissionView['problem']): Markup => html`
${problemNotice('answer-problem', problem?.of === 'answer' ? problem.text : undefined)}
<form method="post">
<input type="hidden" name="csrf" value="${csrf}">
<label for="answer">Answer, for everyone who decides</label>
<textarea id="answer" name="text" maxlength="${MAX_NOTE_CHARACTERS}" class="short">${problem?.of === 'answer' ? problem.typed : ''}</textarea>
<div class="buttons"><button name="act" value="answer">Answer</button></div>
</form>`;

const withdrawForm = (csrf: string, problem: SubmissionView['problem']): Markup => html`
<details class="card"${problem?.of === 'withdraw' && html` open`}><summary>Withdraw it</summary>
${problemNotice('withdraw-problem', problem?.of === 'withdraw' ? problem.text : undefined)}
<p>Nobody is asked any more, and nothing is deployed. The training is kept: the release can be put forward again.</p>
<form method="post">
<input type="hidden" name="csrf" value="${csrf}">
<label for="why">Why</label>
<textarea id="why" name="text" maxlength="${MAX_REASON_CHARACTERS}" class="short" required>${problem?.of === 'withdraw' ? problem.typed : ''}</textarea>
<div class="buttons"><button name="act" value="withdraw" class="second">Withdraw it</button></div>
</form></details>`;
