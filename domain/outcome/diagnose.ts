import { gatesPass } from '../evaluation/gates-pass.ts';
import { RELEASE_TRANSITIONS, type ReleaseOutcome, type ReleaseRow, type ReleaseStatus } from '../release.ts';
import { type Blame, blame } from './blame.ts';
import { maskSecrets } from './mask-secrets.ts';
import { type StatesError, unwrapError } from './unwrap-error.ts';

export type EndStatus =
  | 'Deployed'
  | 'Validated'
  | 'Refused'
  | 'Rejected'
  | 'Expired'
  | 'Superseded'
  | 'Withdrawn'
  | 'Failed';

/** A release's end, and whether the training job's log explains it. */
export interface Diagnosis {
  readonly outcome: ReleaseOutcome & { readonly status: EndStatus };
  readonly needsLog: boolean;
}

/** Longest message that a mail's subject and a row should hold. */
const MESSAGE_CHARACTERS = 4000;

/** Says in a sentence how a release ended and whose that is. */
export function diagnose(row: ReleaseRow, ended: EndStatus, step?: string, error?: StatesError): Diagnosis {
  if (ended !== 'Failed') return { outcome: { status: ended, ...decided(row, ended) }, needsLog: false };
  const root = unwrapError(error ?? { Error: 'UnknownError' });
  const { status, whose, needsLog = false } = blame(root);
  return {
    outcome: {
      status: lawfulEnd(row.status, status),
      ...(whose !== undefined && { whose }),
      ...(step !== undefined && { step }),
      error: root.name,
      message: maskSecrets(inWords(root.message) || 'no reason was given').slice(0, MESSAGE_CHARACTERS),
    },
    // An endpoint's containers log elsewhere: a job's log would explain nothing.
    needsLog: needsLog && step !== 'Deploy Model',
  };
}

/** What a program said of its failure, without SageMaker's frame around it: the job and the class of error stand elsewhere. */
const inWords = (message: string): string =>
  message
    .replace(/^(training job \S+ failed: )?(AlgorithmError|ClientError): /, '')
    .replace(/, exit code: (\d+)$/, ' (exit code $1)');

/** A refusal that arrives where only a failure is lawful is recorded as that. */
const lawfulEnd = (from: ReleaseStatus, wanted: Blame['status']): Blame['status'] =>
  from === wanted || RELEASE_TRANSITIONS[from].includes(wanted) ? wanted : 'Failed';

function decided(row: ReleaseRow, ended: EndStatus): Omit<ReleaseOutcome, 'status'> {
  switch (ended) {
    case 'Deployed':
      return { message: `version ${row.version} serves` };
    case 'Validated':
      return {
        message: `version ${row.version} passed every gate; this was an experiment, so nobody was asked to approve`,
      };
    case 'Refused': {
      const failed = (row.steps.evaluation?.gates ?? []).filter((gate) => !gatesPass([gate]));
      return {
        whose: 'a gate',
        step: 'Validate Model',
        message: failed.map(({ why }) => why).join('\n') || 'a gate refused the model',
      };
    }
    case 'Rejected':
      return { whose: 'an approver', step: 'Approve Model', message: 'an approver said no' };
    case 'Expired':
      return {
        whose: 'an approver',
        step: 'Approve Model',
        message: 'nobody decided in time; the model can be put forward again without training: launchway resume',
      };
    case 'Superseded':
      return { step: 'Approve Model', message: 'a newer candidate of this model took its place' };
    default:
      return { message: 'the release was withdrawn' };
  }
}
