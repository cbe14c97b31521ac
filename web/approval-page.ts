import type { ApprovalRequest, ApprovalStatus, Vote, Withdrawal } from '../domain/approval/approval-request.ts';
import { MAX_REASON_CHARACTERS } from '../domain/approval/cast-vote.ts';
import type { Evidence } from '../domain/approval/evidence.ts';
import { day, moment } from '../domain/approval/moment.ts';
import { reviewInWords } from '../domain/approval/review.ts';
import { fillSeats } from '../domain/approval/seats.ts';
import type { Note } from '../domain/approval/thread.ts';
import { html, type Markup } from '../domain/mail/markup.ts';
import {
  type ActForm,
  type AwayView,
  awaySection,
  notesList,
  problemNotice,
  revokedNotice,
  revokeSection,
  sayForm,
} from './approval-acts.ts';
import { evidenceSections, section } from './evidence-sections.ts';
import { type RenderedPage, renderPage } from './page.ts';

export interface ApprovalView {
  readonly request: ApprovalRequest;
  readonly evidence: Evidence;
  readonly votes: readonly Vote[];
  readonly notes: readonly Note[];
  /** Status as it is now, expiry included. */
  readonly status: ApprovalStatus;
  /** When the approval that was given is to be reviewed; with today, to say whether that is over. */
  readonly review?: { readonly reviewBy: string; readonly now: Date };
  /** The approval was taken back. */
  readonly revoked?: Withdrawal;
  /** The reader, as the link names them; with the identity by which they have signed in. */
  readonly reader: { readonly person: string; readonly name: string; readonly signedIn?: SignedIn };
  /** The reader's. */
  readonly timeZone: string;
  /** Person id → name. */
  readonly names: ReadonlyMap<string, string>;
  /** What this reader may do now; a page that is kept has none of it. */
  readonly acts?: {
    readonly vote?: ActForm;
    readonly say?: ActForm;
    readonly away?: AwayView;
    readonly revoke?: ActForm;
  };
  /** What just happened, in a sentence. */
  readonly notice?: { readonly tone: 'good' | 'bad' | 'plain'; readonly text: string };
}

interface SignedIn {
  readonly subject: string;
  readonly issuer: string;
  readonly signOutUrl: string;
}

const TONE: Readonly<Record<Evidence['verdict'], 'good' | 'bad' | 'plain'>> = {
  'first version': 'plain',
  better: 'good',
  'the same': 'plain',
  worse: 'bad',
  'not comparable': 'bad',
};

/** The evidence and, for an approver whose vote is open, the form. Works without a script, at a phone's width, for a screen reader. */
export function approvalPage(view: ApprovalView): RenderedPage {
  const { evidence, acts = {} } = view;
  const title = `${evidence.model} version ${evidence.version}: may it serve?`;
  const problem = Object.values(acts).some((act) => (act && 'form' in act ? act.form : act)?.problem !== undefined);
  return renderPage({
    title: problem ? `Not sent – ${title}` : title,
    body: html`
${view.reader.signedIn && signOut(view.reader.signedIn, view.reader.name)}
<p class="quiet">Release ${evidence.release} of ${evidence.model}</p>
<h1>${title}</h1>
${view.notice && notice(view.notice.tone, view.notice.text)}
${standing(view)}
<section class="card"><p class="lead">${evidence.inWords[0]}</p><p class="verdict ${TONE[evidence.verdict]}">${evidence.inWords[1]}</p><p>${evidence.inWords[2]}</p></section>
${acts.vote && voteForm(view, acts.vote)}
${evidenceSections(evidence)}
${discussion(view)}
${section('Seats', seats(view))}
${section('This release', html`<dl>${evidence.facts.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`)}
${acts.away && awaySection(acts.away, nameIn(view))}
${acts.revoke && revokeSection(acts.revoke)}
`,
  });
}

const notice = (tone: 'good' | 'bad' | 'plain', text: string): Markup =>
  html`<div class="notice ${tone}" role="status"><p>${text}</p></div>`;

const nameIn =
  ({ names }: ApprovalView) =>
  (person: string): string =>
    names.get(person) ?? person;

/** The state of the request, unless a notice has just said it. */
function standing(view: ApprovalView): Markup | undefined {
  const { status, revoked, notice: said, votes, reader, timeZone } = view;
  if (revoked) return revokedNotice(revoked, nameIn(view), timeZone);
  if (said) return undefined;
  if (status !== 'Pending') {
    const { tone, text } = closed(view, status);
    return notice(tone, text);
  }
  const own = votes.find(({ person }) => person === reader.person);
  return own && notice('plain', 'You have decided. Others are still asked; a decision cannot be taken back.');
}

function closed(view: ApprovalView, status: Exclude<ApprovalStatus, 'Pending'>): NonNullable<ApprovalView['notice']> {
  const { model, release, withdrawn, supersededBy } = view.request;
  const { review } = view;
  switch (status) {
    case 'Approved':
      return {
        tone: 'good',
        text: `This version was approved. Deciding is over.${review ? ` The approval ${reviewInWords(review.reviewBy, review.now)}.` : ''}`,
      };
    case 'Rejected':
      return { tone: 'bad', text: 'This version was rejected. Deciding is over.' };
    case 'Expired':
      return {
        tone: 'bad',
        text: `This request expired: nobody decided in time, so nothing was deployed. It can be asked again without training: launchway ask-again ${model}/${release}`,
      };
    case 'Superseded':
      return {
        tone: 'bad',
        text: `Release ${supersededBy ?? '(a newer one)'} of this model took the place of this request. Look for its mail.`,
      };
    case 'Withdrawn':
      return {
        tone: 'bad',
        text: withdrawn
          ? `${nameIn(view)(withdrawn.by)} withdrew this request: “${withdrawn.reason}”. Nothing was deployed.`
          : 'This request was withdrawn: its release has ended. Nothing was deployed.',
      };
  }
}

function voteForm(view: ApprovalView, { csrf, problem, typed }: ActForm): Markup {
  const { request, reader, timeZone } = view;
  const warned = request.warnings.length > 0;
  const own = request.approvers.find(({ person }) => person === reader.person);
  return html`<section class="card" aria-labelledby="decide"><h2 id="decide">Decide as ${reader.name}</h2>
${request.warnings.map((text) => notice('plain', text))}
${problemNotice('problem', problem)}
<form method="post">
<input type="hidden" name="csrf" value="${csrf}">
<label for="reason">Reason</label>
<p class="quiet" id="reason-hint">${warned ? 'Needed for either decision: an approval here is over a warning.' : 'Needed for a rejection.'} It is kept with the decision.</p>
<textarea id="reason" name="reason" maxlength="${MAX_REASON_CHARACTERS}" aria-describedby="reason-hint${problem === undefined ? '' : ' problem'}">${typed?.reason ?? ''}</textarea>
${request.changeTicket !== undefined && ticketField(request.changeTicket, typed?.ticket ?? '')}
${reviewField(request.reviewWithinDays, typed?.reviewBy ?? '')}
<div class="buttons"><button type="submit" name="decision" value="approve">Approve</button><button type="submit" name="decision" value="reject" class="second">Reject</button></div>
</form>
${own?.standsInFor?.map(({ person, until }) => html`<p>You are asked for ${nameIn(view)(person)}, who is away until ${day(until)}: the seat is yours here.</p>`)}
${own?.escalated && html`<p>You are asked because those who were asked first have not decided; your vote counts as theirs would.</p>`}
<p class="quiet">${
    reader.signedIn
      ? html`You are signed in as ${reader.signedIn.subject} at ${reader.signedIn.issuer}, and the record will say so. You can decide until ${moment(request.expiresAt, timeZone)}.`
      : html`You are known by this link alone: no sign-in is configured, so whoever holds the link decides as ${reader.name}, and the record says so. It is valid until ${moment(request.expiresAt, timeZone)}.`
  }</p></section>`;
}

/** Not checked by the browser: a rejection needs none. */
const ticketField = (pattern: string, typed: string): Markup => html`
<label for="ticket">Change ticket</label>
<p class="quiet" id="ticket-hint">Needed for an approval, written as ${pattern}. A rejection needs none.</p>
<input id="ticket" name="ticket" type="text" maxlength="60" autocomplete="off" aria-describedby="ticket-hint" value="${typed}">`;

const reviewField = (withinDays: number | undefined, typed: string): Markup => html`
<label for="review">To be reviewed by</label>
<p class="quiet" id="review-hint">With an approval: the day from which you and the owner are told to look at it again. It goes on serving all the same. ${withinDays === undefined ? 'Empty: nobody is told.' : `At most ${withinDays} days from now; empty: as late as that.`}</p>
<input id="review" name="reviewBy" type="date" aria-describedby="review-hint" value="${typed}">`;

/** Only with this page's own style; the answer says that it is over in every browser. */
const signOut = ({ signOutUrl }: SignedIn, name: string): Markup =>
  html`<form method="post" action="${signOutUrl}" class="line"><span class="quiet">${name}</span> <button class="link">Sign out</button></form>`;

function discussion(view: ApprovalView): Markup | false {
  const { notes, acts, request, timeZone } = view;
  if (notes.length === 0 && !acts?.say) return false;
  const name = nameIn(view);
  const { person, principal } = request.submitter;
  return section(
    'Questions and comments',
    html`${notesList(notes, name, timeZone)}${acts?.say && sayForm(acts.say, person === undefined ? principal : name(person))}`,
  );
}

function seats(view: ApprovalView): Markup {
  const { request, votes } = view;
  const name = nameIn(view);
  const approving = request.approvers.filter(({ person }) =>
    votes.some((vote) => vote.person === person && vote.choice === 'approve'),
  );
  const rejection = votes.find(({ choice }) => choice === 'reject');
  const said = (person: string) => {
    const { reason, ticket, reviewBy } = votes.find((vote) => vote.person === person) ?? {};
    return html`${ticket && html`, change ticket ${ticket}`}${reviewBy && html`, to be reviewed by ${day(reviewBy)}`}${reason && html` – “${reason}”`}`;
  };
  return html`<ul>${fillSeats(request.seats, approving).map(
    ({ role, person }) =>
      html`<li>${role}: ${person === undefined ? html`<span class="tag">open</span>` : html`<span class="tag good">approved</span> ${name(person)}${said(person)}`}</li>`,
  )}${rejection && html`<li><span class="tag bad">rejected</span> ${name(rejection.person)}${said(rejection.person)}</li>`}</ul>`;
}
