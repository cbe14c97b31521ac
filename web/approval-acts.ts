import type { Withdrawal } from '../domain/approval/approval-request.ts';
import { MAX_REASON_CHARACTERS } from '../domain/approval/cast-vote.ts';
import type { RecordedDelegation } from '../domain/approval/delegation.ts';
import { day, moment } from '../domain/approval/moment.ts';
import { MAX_NOTE_CHARACTERS, type Note } from '../domain/approval/thread.ts';
import { html, type Markup } from '../domain/mail/markup.ts';

/** A form's token, and what went wrong when it was sent. */
export interface ActForm {
  readonly csrf: string;
  readonly problem?: string;
  /** What was typed, by field. */
  readonly typed?: Readonly<Record<string, string>>;
}

export const problemNotice = (id: string, problem: string | undefined): Markup | false =>
  problem !== undefined && html`<div class="notice bad" role="alert" id="${id}"><p>${problem}</p></div>`;

const ASKED_BY = { question: 'asks', answer: 'answers', comment: 'notes' } as const;

/** What was said, oldest first. */
export const notesList = (notes: readonly Note[], name: (person: string) => string, timeZone: string): Markup =>
  notes.length === 0
    ? html`<p class="quiet">Nobody has asked anything yet.</p>`
    : html`<ol class="thread">${notes.map(
        ({ kind, by, at, text }) =>
          html`<li class="${kind}"><p class="quiet"><strong>${name(by)}</strong> ${ASKED_BY[kind]}, ${moment(at, timeZone)}</p><p class="said">${text}</p></li>`,
      )}</ol>`;

/** To ask who submitted it, or to leave a word for the others; neither is a vote. */
export const sayForm = ({ csrf, problem, typed }: ActForm, submitter: string): Markup => html`
${problemNotice('say-problem', problem)}
<form method="post">
<input type="hidden" name="csrf" value="${csrf}">
<label for="say">A question for ${submitter}, or a comment for everyone who decides</label>
<textarea id="say" name="text" maxlength="${MAX_NOTE_CHARACTERS}" class="short"${problem !== undefined && html` aria-describedby="say-problem"`}>${typed?.text ?? ''}</textarea>
<p class="quiet">A question is mailed to ${submitter}; the answer is mailed to you and shown here. Neither counts as a vote, and the time to decide goes on.</p>
<div class="buttons"><button name="act" value="ask" class="second plain">Ask ${submitter}</button><button name="act" value="comment" class="second plain">Comment</button></div>
</form>`;

export interface AwayView {
  readonly form: ActForm;
  /** Who could stand in. */
  readonly others: readonly { readonly person: string; readonly name: string }[];
  /** The reader's own, that are not over. */
  readonly own: readonly RecordedDelegation[];
  /** Today, where the reader lives. */
  readonly today: string;
}

/** For somebody who will be away: their seats are another's for that time, here and elsewhere. */
export function awaySection(
  { form: { csrf, problem, typed }, others, own, today }: AwayView,
  name: (person: string) => string,
): Markup {
  return html`<details class="card"${problem !== undefined && html` open`}><summary>Away? Hand your seat to somebody</summary>
${problemNotice('away-problem', problem)}
${own.map(
  ({
    to,
    from,
    until,
  }) => html`<form method="post" class="line"><input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="from" value="${from}">
<p>${name(to)} stands in for you from ${day(from)} until ${day(until)}. <button name="act" value="back" class="link">End it</button></p></form>`,
)}
<form method="post">
<input type="hidden" name="csrf" value="${csrf}">
<label for="to">Who stands in</label>
<select id="to" name="to" required>${others.map(
    ({ person, name: text }) =>
      html`<option value="${person}"${typed?.to === person && html` selected`}>${text}</option>`,
  )}</select>
<div class="pair"><p><label for="from">First day away</label><input id="from" name="from" type="date" required value="${typed?.from ?? today}"></p>
<p><label for="until">Back on</label><input id="until" name="until" type="date" required value="${typed?.until ?? ''}"></p></div>
<p class="quiet">Until you are back they decide in your place, here and in every other request where you have not voted. It is recorded; you have no vote there meanwhile.</p>
<div class="buttons"><button name="act" value="delegate" class="second plain">Hand it over</button></div>
</form></details>`;
}

/** For somebody who was asked, after an approval. */
export const revokeSection = ({ csrf, problem, typed }: ActForm): Markup => html`
<details class="card"${problem !== undefined && html` open`}><summary>Take this approval back</summary>
${problemNotice('revoke-problem', problem)}
<p>The version may then be neither deployed nor restored. What serves now goes on serving: rolling back is the operators’ to do, and they are told.</p>
<form method="post">
<input type="hidden" name="csrf" value="${csrf}">
<label for="why">Why it no longer stands</label>
<textarea id="why" name="why" maxlength="${MAX_REASON_CHARACTERS}" class="short" required>${typed?.why ?? ''}</textarea>
<div class="buttons"><button name="act" value="revoke" class="second">Take it back</button></div>
</form></details>`;

export const revokedNotice = ({ by, at, reason }: Withdrawal, name: (person: string) => string, zone: string): Markup =>
  html`<div class="notice bad" role="status"><p>${name(by)} took this approval back on ${moment(at, zone)}: “${reason}”. The version may be neither deployed nor restored.</p></div>`;
