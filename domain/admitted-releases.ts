/** A release that was admitted and whose execution is to be started; written with the release, in one transaction. */
export interface StartIntent {
  readonly model: string;
  readonly release: number;
}

/** A model whose upload waits, since when; written with the upload, in one transaction. */
export interface WaitingIntent {
  readonly model: string;
  /** ISO 8601, UTC. */
  readonly queuedAt: string;
}

/** Tells whoever admits uploads to look at what waits for a model. */
export interface IntakeQueue {
  announceWaiting(model: string): Promise<void>;
}

/** What the sweep needs to know of admitted releases. */
export interface AdmittedReleases {
  listStartIntents(): Promise<StartIntent[]>;
  /** Repeating it changes nothing. */
  clearStartIntent(intent: StartIntent): Promise<void>;
  listWaitingIntents(): Promise<WaitingIntent[]>;
  /** Unless something else has come to wait meanwhile. */
  clearWaitingIntent(intent: WaitingIntent): Promise<void>;
}
