import type { ApprovalStore, Withdrawals } from '../../domain/approval/ports.ts';
import { readerOf } from '../../domain/approval/submission-link.ts';
import { nextNote } from '../../domain/approval/thread.ts';
import { type ActResult, done, refused, toMend } from './act-result.ts';
import { noteRefusalInWords, withdrawalRefusalInWords } from './refusals-in-words.ts';
import { type AnswerMailDependencies, tellAnswer } from './thread-mails.ts';

export interface SubmitterActsDependencies extends Omit<AnswerMailDependencies, 'approvals'> {
  readonly approvals: Pick<ApprovalStore, 'findRequest' | 'listVotes'>;
  readonly withdrawals: Withdrawals;
}

/** What who submitted can do about a request. */
export const SUBMITTER_ACTS = ['answer', 'withdraw'] as const;
export type SubmitterAct = (typeof SUBMITTER_ACTS)[number];

const ATTEMPTS = 6;

/** @param knownBy for the audit entry: the identity, and the link where there is one */
export const actAsSubmitter = (
  dependencies: SubmitterActsDependencies,
  requestId: string,
  knownBy: Readonly<Record<string, unknown>>,
  act: SubmitterAct,
  text: string,
): Promise<ActResult> => (act === 'answer' ? answerQuestion : withdraw)(dependencies, requestId, knownBy, text);

async function answerQuestion(
  dependencies: SubmitterActsDependencies,
  requestId: string,
  knownBy: Readonly<Record<string, unknown>>,
  text: string,
): Promise<ActResult> {
  const { approvals, thread, now } = dependencies;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const request = (await approvals.findRequest(requestId))!;
    const by = readerOf(request.submitter);
    const result = nextNote(request, await thread.list(requestId), { kind: 'answer', by, text }, now());
    if (result.kind === 'Refused') {
      const words = noteRefusalInWords(result.refusal);
      return result.refusal.kind === 'Closed' ? refused(words) : toMend(words);
    }
    const { note } = result;
    const { release, version, digest } = request;
    const details = { release, version, digest, ...knownBy, number: note.number, text: note.text };
    const audit = { type: 'QuestionAnswered', actor: by, subject: `approval/${requestId}`, details };
    if (!(await thread.add(request, note, audit))) continue;
    await tellAnswer(dependencies, request, note);
    return done('Answered. Everyone who has not decided yet gets it by mail.');
  }
  return 'busy';
}

async function withdraw(
  { approvals, withdrawals }: SubmitterActsDependencies,
  requestId: string,
  knownBy: Readonly<Record<string, unknown>>,
  reason: string,
): Promise<ActResult> {
  const { submitter } = (await approvals.findRequest(requestId))!;
  const { refusal } = await withdrawals.withdraw({ requestId, submitter, reason, knownBy });
  if (!refusal) return done('Withdrawn. Nobody is asked any more, and nothing is deployed.');
  const words = withdrawalRefusalInWords(refusal);
  return refusal.kind === 'ReasonNeeded' || refusal.kind === 'ReasonTooLong' ? toMend(words) : refused(words);
}
