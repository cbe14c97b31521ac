/** How a process that is to be killed is started. */
export interface DoomedOptions {
  readonly port: number;
  readonly stateDir: string;
  /** Synthesized once, for every life of every seed. */
  readonly assembly: string;
  /** It kills itself right after this many writes, in the middle of a transaction or not. */
  readonly dieAtWrite?: number;
}

/** In the state folder: every service event, one JSON document a line. */
export const EVENTS_FILE = 'events.jsonl';
