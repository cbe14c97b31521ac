import { randomBytes } from 'node:crypto';
import { ServiceError } from '../../../service.ts';
import type { Store } from '../../../store.ts';
import type { Json } from '../json.ts';

const SPACE = 'states.tokens';
const FORMAT = /^AQC[A-Za-z0-9+/]{256}$/;

export type Answer = { readonly output: Json } | { readonly error?: string; readonly cause?: string };

interface TokenRecord {
  readonly executionArn: string;
  beatAt: number;
  answer?: Answer;
  /** Nobody waits for it any more: answered and taken, timed out, or its execution ended. */
  closed: boolean;
}

/** Task tokens: durable, so that an answer is never lost and a late one is refused. */
export class Tokens {
  readonly #store: Store;
  readonly #waiting = new Map<string, () => void>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A fresh token, answerable from now on. */
  issue(executionArn: string, now: number): string {
    const token = `AQC${randomBytes(192).toString('base64')}`;
    this.#store.put(SPACE, token, { executionArn, beatAt: now, closed: false } satisfies TokenRecord);
    return token;
  }

  /**
   * Takes an answer from SendTaskSuccess or SendTaskFailure.
   *
   * @throws {ServiceError} InvalidToken, TaskDoesNotExist or TaskTimedOut
   */
  answer(token: string, answer: Answer): void {
    const record = this.#open(token);
    this.#store.put(SPACE, token, { ...record, answer });
    this.#waiting.get(token)?.();
  }

  /** @throws {ServiceError} InvalidToken, TaskDoesNotExist or TaskTimedOut */
  beat(token: string, now: number): void {
    this.#store.put(SPACE, token, { ...this.#open(token), beatAt: now });
  }

  /** When the task last showed that it lives, in milliseconds. */
  lastBeat(token: string): number | undefined {
    return this.#store.get<TokenRecord>(SPACE, token)?.beatAt;
  }

  /** Which execution waits, or waited, for a token. */
  executionOf(token: string): string | undefined {
    return this.#store.get<TokenRecord>(SPACE, token)?.executionArn;
  }

  answerTo(token: string): Answer | undefined {
    return this.#store.get<TokenRecord>(SPACE, token)?.answer;
  }

  /** Calls back once the token has an answer; returns how to stop listening. */
  onAnswer(token: string, listener: () => void): () => void {
    this.#waiting.set(token, listener);
    return () => this.#waiting.delete(token);
  }

  /** From here on answers are refused. */
  close(token: string): void {
    const record = this.#store.get<TokenRecord>(SPACE, token);
    if (record) this.#store.put(SPACE, token, { ...record, closed: true });
  }

  #open(token: string): TokenRecord {
    const record = this.#store.get<TokenRecord>(SPACE, token);
    if (!record && FORMAT.test(token)) throw new ServiceError('TaskDoesNotExist', 'Task does not exist');
    if (!record) throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
    if (record.closed || record.answer) {
      throw new ServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    }
    return record;
  }
}
