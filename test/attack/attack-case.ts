import type { AttackedCloud } from './attacked-cloud.ts';
import type { Answer } from './raw-http.ts';

/** One attempt to get a decision, a deployment or a secret that the attacker has no right to. */
export interface AttackCase {
  readonly name: string;
  /** Tries it; what the cloud holds is compared before and after. */
  readonly attack: (cloud: AttackedCloud) => Promise<Outcome>;
}

/** Cases that start from the same state of affairs. */
export interface AttackGroup {
  readonly name: string;
  readonly cases: readonly AttackCase[];
  /** Lawful acts before the cases: a request is asked, decided, expires. */
  readonly prepare?: (cloud: AttackedCloud) => Promise<void>;
}

export interface Outcome {
  /** What the attacker was told: `403 This link is not valid`. */
  readonly answer: string;
  readonly refused: boolean;
}

/** A row of the table that is printed. */
export interface AttackResult extends Outcome {
  readonly group: string;
  readonly name: string;
  /** What the cloud held and holds differently; empty as it should be. */
  readonly changed: readonly string[];
}

const titleOf = ({ body }: Answer): string => /<h1>([^<]*)/.exec(body)?.[1] ?? body.slice(0, 60).replace(/\s+/g, ' ');

/** Refused where every answer is an error that shows no form. */
export const refusedBy = (...answers: readonly Answer[]): Outcome => ({
  answer: [...new Set(answers.map((one) => `${one.status} ${titleOf(one)}`.trim()))].join('; '),
  refused: answers.every(({ status, body }) => status >= 400 && status < 500 && !body.includes('name="decision"')),
});

/** Refused by the page of an open request, which says so and still has its forms. */
export const refusedOnThePage = (answer: Answer): Outcome => ({
  answer: `${answer.status} ${/role="status"><p>([^<]*)/.exec(answer.body)?.[1] ?? titleOf(answer)}`,
  refused: answer.status >= 400 && answer.status < 500,
});

/** Only shown: an answer of whatever kind that decides nothing. */
export const onlyShown = (...answers: readonly Answer[]): Outcome => ({
  answer: [...new Set(answers.map(({ status }) => status))].join(', '),
  refused: answers.every(({ status }) => status < 500),
});

/** Refused as `refusedBy`, or with the form again and the problem said (422). */
export const askedAgain = (answer: Answer): Outcome => ({
  answer: `${answer.status} ${/id="problem"><p>([^<]*)/.exec(answer.body)?.[1] ?? titleOf(answer)}`,
  refused: answer.status === 422 || answer.status === 413,
});
