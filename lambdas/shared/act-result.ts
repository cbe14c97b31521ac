/** What became of something that a person did: in a sentence, or that others were first too often. */
export type ActResult =
  | {
      /** `mend`: what was given is to be changed and sent again. */
      readonly kind: 'done' | 'refused' | 'mend';
      readonly text: string;
      readonly tone: 'good' | 'bad' | 'plain';
    }
  | 'busy';

export const done = (text: string, tone: 'good' | 'bad' = 'good'): ActResult => ({ kind: 'done', text, tone });
export const refused = (text: string): ActResult => ({ kind: 'refused', text, tone: 'plain' });
export const toMend = (text: string): ActResult => ({ kind: 'mend', text, tone: 'bad' });

/** HTTP's word for it. */
export const statusOf = (result: Exclude<ActResult, 'busy'>): 200 | 409 | 422 =>
  result.kind === 'done' ? 200 : result.kind === 'refused' ? 409 : 422;
