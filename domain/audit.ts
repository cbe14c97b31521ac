/** What happened, as its writer knows it; the chain adds sequence, time, previous hash and hash. */
export interface AuditEvent {
  /** `ReleaseOpened`, `ModelTrained`, `DecisionRecorded`, … past tense. */
  readonly type: string;
  /** Person id, IAM principal, or the step that acted: `launchway:prepare-channels`. */
  readonly actor: string;
  /** What it was done to: `release/14`, `version/7`, `approval/{id}`. */
  readonly subject: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One link of a model's chain. */
export interface AuditEntry extends AuditEvent {
  readonly model: string;
  /** 1, 2, 3 … without gaps. */
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Hex SHA-256 of the entry before; 64 zeros for the first. */
  readonly previous: string;
  /** Hex SHA-256 of the canonical JSON of everything above. */
  readonly hash: string;
}
