import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import type { LabelTally } from './label-reader.ts';
import type { LabelFileRow } from './rows.ts';

/** Unknown ids below this share are in the table of files only: captures are sampled, and records get lost. */
const UNKNOWN_SHARE = 0.05;

/** @returns undefined where there is nothing to tell */
export function labelsMail(to: readonly string[], file: LabelFileRow): Mail | undefined {
  const said = sayingOf(file);
  if (!said) return undefined;
  const { model, id, object, submitter } = file;
  return composeMail({
    to,
    subject: `[${model}] labels: ${said.subject}`,
    thread: `labels/${model}/${id}`,
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['What happened', said.what],
          ['Upload', object.key],
          ['By', submitter.person ?? submitter.principal],
          ['Predictions', 'go on; nothing else waits for this file'],
        ],
      },
      ...said.blocks,
      { kind: 'facts', rows: [['Do this', said.advice]] },
    ],
    footer: `You get this because you own ${model} or uploaded these outcomes. File ${id}; launchway quality ${model} lists all of them.`,
  });
}

interface Saying {
  readonly subject: string;
  readonly what: string;
  readonly blocks: readonly MailBlock[];
  readonly advice: string;
}

function sayingOf({
  status,
  refusedBecause = '',
  tally,
  matched = 0,
  unmatched = 0,
}: LabelFileRow): Saying | undefined {
  if (status === 'Refused') {
    const advice = 'mend it and upload it again; docs/guide.md has the columns that are read';
    return { subject: `a file could not be read — ${refusedBecause}`, what: refusedBecause, blocks: [], advice };
  }
  if (status === 'Settled') {
    if (unmatched < (matched + unmatched) * UNKNOWN_SHARE) return undefined;
    const of = `${unmatched} of ${matched + unmatched} outcomes name no prediction that was captured`;
    return {
      subject: of,
      what: of,
      blocks: [],
      advice:
        'ids must be the InferenceId that callers send, or the eventId of the capture: launchway captures shows both. They are no longer looked for',
    };
  }
  return tally && unusable(tally);
}

function unusable(tally: LabelTally): Saying | undefined {
  const { rows, withoutId, wrongType, unreadable, problems } = tally;
  const count = withoutId + wrongType + unreadable;
  if (count === 0) return undefined;
  const reasons = [
    [withoutId, 'without an id'],
    [wrongType, 'with an outcome that the model’s target does not have'],
    [unreadable, 'that could not be read'],
  ] as const;
  const named = reasons.filter(([of]) => of > 0).map(([of, what]) => `${of} ${what}`);
  return {
    subject: `${count} of ${rows} rows could not be used`,
    what: `${named.join(', ')}; the other ${rows - count} were taken`,
    blocks: [{ kind: 'list', items: problems }],
    advice: 'upload these rows again, mended: of one id the newest outcome counts',
  };
}
