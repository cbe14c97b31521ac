/** A release that was admitted and whose execution is to be started; written with the release, in one transaction. */
export interface StartIntent {
  readonly model: string;
  readonly release: number;
}

/** What the sweep needs to know of admitted releases. */
export interface AdmittedReleases {
  listStartIntents(): Promise<StartIntent[]>;
  /** Repeating it changes nothing. */
  clearStartIntent(intent: StartIntent): Promise<void>;
}
