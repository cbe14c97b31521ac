/**
 * A failure a workflow knows how to handle.
 *
 * Lambda reports `name` to Step Functions as the error name, so it is a string literal (bundlers rename classes) and part of
 * the contract with every `ErrorEquals` in `state-machines/`.
 */
export abstract class PipelineError extends Error {
  abstract override readonly name: string;

  /** Values an operator needs to act; logged and recorded with the outcome, never secrets. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.details = details;
  }
}

/** model.yaml cannot be accepted: malformed, unknown keys, or less than its tier asks. */
export class DefinitionRefusedError extends PipelineError {
  override readonly name = 'DefinitionRefusedError';
}

/** A dataset cannot be trained on: wrong columns, empty, binary, too few rows. Never retried. */
export class DatasetRefusedError extends PipelineError {
  override readonly name = 'DatasetRefusedError';
}

/** The training program, or SageMaker on its behalf, failed. */
export class TrainingFailedError extends PipelineError {
  override readonly name = 'TrainingFailedError';
}

/** A model archive is hostile or malformed (links, `..`, too large, no files). */
export class ArtifactRefusedError extends PipelineError {
  override readonly name = 'ArtifactRefusedError';
}

/** Predictions of the hold-out cannot be judged: wrong number of lines, not numbers, one class only. */
export class EvaluationFailedError extends PipelineError {
  override readonly name = 'EvaluationFailedError';
}

/** Nobody could approve: four eyes leave too few people for the seats, or none of them can be reached. */
export class ApprovalNotPossibleError extends PipelineError {
  override readonly name = 'ApprovalNotPossibleError';
}

/** What is asked to be deployed is not what was approved. */
export class DeploymentNotApprovedError extends PipelineError {
  override readonly name = 'DeploymentNotApprovedError';
}

/** The approval was taken back by somebody who was asked for it. */
export class ApprovalRevokedError extends PipelineError {
  override readonly name = 'ApprovalRevokedError';
}

/** The endpoint does not serve what was approved, or does not answer as validated. */
export class DeploymentNotProvedError extends PipelineError {
  override readonly name = 'DeploymentNotProvedError';
}

/** A row was not in a status from which this transition is lawful; someone else was first. */
export class UnlawfulTransitionError extends PipelineError {
  override readonly name = 'UnlawfulTransitionError';
}

/** A row that must exist does not. */
export class NotFoundError extends PipelineError {
  override readonly name = 'NotFoundError';
}

/** An approval that came too late: a newer release of the model runs, or has been asked about. */
export class ReleaseSupersededError extends PipelineError {
  override readonly name = 'ReleaseSupersededError';
}
