import { field } from '../decide-approval/read-request.ts';

/** What a reader answers, or asks for. */
export type IncidentAction =
  | { readonly kind: 'acknowledge'; readonly note: string }
  /** `until`: ISO 8601 UTC, the start of that day; `window`: start of one that is the features' baseline from now on. */
  | { readonly kind: 'expected'; readonly note: string; readonly until: string; readonly window?: string }
  | { readonly kind: 'retrain'; readonly note: string }
  /** `unsafe`: callers would have to change, and the reader knows. */
  | {
      readonly kind: 'roll-back';
      readonly note: string;
      readonly from: number;
      readonly to: number;
      readonly withdraw: boolean;
      readonly unsafe: boolean;
    };

const MAX_NOTE_CHARACTERS = 2_000;
/** Longer than this nothing is expected: a version that serves so long is trained anew. */
const MOST_DAYS = 180;

/** Reads the form. The set of actions is closed; whatever changes something says why. */
export function readAction(fields: URLSearchParams, at: Date): IncidentAction | { readonly problem: string } {
  const note = (field(fields, 'note') ?? '').trim();
  if (note.length > MAX_NOTE_CHARACTERS) return { problem: `A note has at most ${MAX_NOTE_CHARACTERS} characters.` };
  switch (field(fields, 'action')) {
    case 'acknowledge':
      return { kind: 'acknowledge', note };
    case 'expected':
      return readExpected(fields, note, at);
    case 'retrain':
      if (note === '') return { problem: 'Say why it is to be retrained: approvers read it.' };
      return { kind: 'retrain', note };
    case 'roll-back':
      return readRollback(fields, note);
    default:
      return { problem: 'An incident can be acknowledged, be expected, be answered by a retraining or by a rollback.' };
  }
}

function readExpected(fields: URLSearchParams, note: string, at: Date): IncidentAction | { readonly problem: string } {
  const day = field(fields, 'until') ?? '';
  const until = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00.000Z`) : Number.NaN;
  const days = (until - at.getTime()) / 86_400_000;
  if (!(days > 0 && days <= MOST_DAYS)) {
    return { problem: `Say until which day it is expected: after today, at most ${MOST_DAYS} days from now.` };
  }
  if (note === '') return { problem: 'Say why it is expected: whoever reads this next has to know.' };
  const window = field(fields, 'window') ?? '';
  if (window !== '' && !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(window)) return { problem: 'Choose one of the windows.' };
  return { kind: 'expected', note, until: new Date(until).toISOString(), ...(window !== '' && { window }) };
}

function readRollback(fields: URLSearchParams, note: string): IncidentAction | { readonly problem: string } {
  const [from, to] = ['from', 'to'].map((name) => Number(field(fields, name)));
  const isVersion = (value: number | undefined): value is number =>
    value !== undefined && Number.isInteger(value) && value > 0;
  if (!isVersion(from) || !isVersion(to))
    return { problem: 'Open the page again: it no longer says what it rolls back.' };
  if (note === '') return { problem: 'Say why it is rolled back: it is kept, and everyone concerned is told.' };
  const yes = (name: string): boolean => field(fields, name) === 'yes';
  return { kind: 'roll-back', note, from, to, withdraw: yes('withdraw'), unsafe: yes('unsafe') };
}
