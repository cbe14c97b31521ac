import { oneLine, visibleText } from '../mail/visible-text.ts';
import { type ApprovalDecision, type ApprovalRequest, statusNow } from './approval-request.ts';

/** The `NOTE` row: something said about a request. None of it is a vote. */
export interface Note {
  readonly requestId: string;
  /** 1, 2, 3 … */
  readonly number: number;
  /** A question is mailed to who submitted it, an answer to those who were asked; a comment is for whoever reads the page. */
  readonly kind: 'question' | 'answer' | 'comment';
  /** Person id; the principal of a submitter whom no identity maps to. */
  readonly by: string;
  readonly text: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** When it was mailed; absent while it was not. */
  readonly toldAt?: string;
}

export const MAX_NOTE_CHARACTERS = 2_000;
/** So much is said about no request; more would be somebody's mail program answering another's. */
const MOST_NOTES = 60;

export type NoteRefusal =
  | { readonly kind: 'Closed'; readonly status: ApprovalDecision }
  | { readonly kind: 'Empty' }
  | { readonly kind: 'TooLong' }
  | { readonly kind: 'TooMany' };

export type NoteResult =
  | { readonly kind: 'Refused'; readonly refusal: NoteRefusal }
  | { readonly kind: 'Said'; readonly note: Note };

/** The next note of a request, where it is open and there is something to say. */
export function nextNote(
  request: ApprovalRequest,
  notes: readonly Note[],
  said: Pick<Note, 'kind' | 'by' | 'text'>,
  now: Date,
): NoteResult {
  const refused = (refusal: NoteRefusal): NoteResult => ({ kind: 'Refused', refusal });
  const text = visibleText(said.text, MAX_NOTE_CHARACTERS + 1).trim();
  const status = statusNow(request, now);
  if (status !== 'Pending') return refused({ kind: 'Closed', status });
  if (oneLine(text) === '') return refused({ kind: 'Empty' });
  if ([...text].length > MAX_NOTE_CHARACTERS) return refused({ kind: 'TooLong' });
  if (notes.length >= MOST_NOTES) return refused({ kind: 'TooMany' });
  const number = Math.max(0, ...notes.map((note) => note.number)) + 1;
  return {
    kind: 'Said',
    note: { requestId: request.requestId, number, kind: said.kind, by: said.by, text, at: now.toISOString() },
  };
}
