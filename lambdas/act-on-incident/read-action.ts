import { field } from '../decide-approval/read-request.ts';

/** What a reader answers. */
export type IncidentAction =
  | { readonly kind: 'acknowledge'; readonly note: string }
  /** `until`: ISO 8601 UTC, the start of that day. */
  | { readonly kind: 'expected'; readonly note: string; readonly until: string }
  | { readonly problem: string };

const MAX_NOTE_CHARACTERS = 2_000;
/** Longer than this nothing is expected: a version that serves so long is trained anew. */
const MOST_DAYS = 180;

/** Reads the form. The set of answers is closed; one that is expected says until when and why. */
export function readAction(fields: URLSearchParams, at: Date): IncidentAction {
  const note = (field(fields, 'note') ?? '').trim();
  if (note.length > MAX_NOTE_CHARACTERS) return { problem: `A note has at most ${MAX_NOTE_CHARACTERS} characters.` };
  switch (field(fields, 'action')) {
    case 'acknowledge':
      return { kind: 'acknowledge', note };
    case 'expected':
      return readExpected(field(fields, 'until') ?? '', note, at);
    default:
      return { problem: 'An incident can be acknowledged, or be expected.' };
  }
}

function readExpected(day: string, note: string, at: Date): IncidentAction {
  const until = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00.000Z`) : Number.NaN;
  const days = (until - at.getTime()) / 86_400_000;
  if (!(days > 0 && days <= MOST_DAYS)) {
    return { problem: `Say until which day it is expected: after today, at most ${MOST_DAYS} days from now.` };
  }
  if (note === '') return { problem: 'Say why it is expected: whoever reads this next has to know.' };
  return { kind: 'expected', note, until: new Date(until).toISOString() };
}
