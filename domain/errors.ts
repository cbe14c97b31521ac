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
  override readonly name: 'DatasetRefusedError' | 'HoldOutOneClassError' = 'DatasetRefusedError';
}

/** The hold-out, or what is left to train on, holds one class only: nothing can be told apart on it. */
export class HoldOutOneClassError extends DatasetRefusedError {
  override readonly name = 'HoldOutOneClassError';
}

/** A file of outcomes cannot be read at all: no id or outcome in it, or too large. Never retried. */
export class LabelsRefusedError extends PipelineError {
  override readonly name = 'LabelsRefusedError';
}

/** The training program, or SageMaker on its behalf, failed. */
export class TrainingFailedError extends PipelineError {
  override readonly name = 'TrainingFailedError';
}

/** The training job used up `training.maxRuntimeMinutes`. */
export class TrainingTimedOutError extends PipelineError {
  override readonly name = 'TrainingTimedOutError';
}

/** Somebody stopped the training job. */
export class TrainingStoppedError extends PipelineError {
  override readonly name = 'TrainingStoppedError';
}

/** A spot job got no instances within `training.maxWaitMinutes`. */
export class SpotWaitExceededError extends PipelineError {
  override readonly name = 'SpotWaitExceededError';
}

/** A spot job was interrupted and did not get to its end within `training.maxWaitMinutes`. */
export class SpotInterruptedError extends PipelineError {
  override readonly name = 'SpotInterruptedError';
}

/** Other jobs used all instances that the deployment's quota allows, for as long as a job may wait. */
export class SlotWaitExceededError extends PipelineError {
  override readonly name = 'SlotWaitExceededError';
}

/** AWS had no instances of any type that `training.instance.types` lists. */
export class CapacityUnavailableError extends PipelineError {
  override readonly name = 'CapacityUnavailableError';
}

/** A search for hyperparameters ended without a trained model: no trial completed with the metric it is judged by. */
export class TuningFailedError extends PipelineError {
  override readonly name = 'TuningFailedError';
}

/** The training program ended well and wrote no model. */
export class ModelMissingError extends PipelineError {
  override readonly name = 'ModelMissingError';
}

/** The model is larger than what can be inspected and sealed. */
export class ModelTooLargeError extends PipelineError {
  override readonly name = 'ModelTooLargeError';
}

/** A model archive is hostile or malformed (links, `..`, too large, no files). */
export class ArtifactRefusedError extends PipelineError {
  override readonly name = 'ArtifactRefusedError';
}

/** Versions cannot be held against each other: too few predictions with a known outcome that none of them learnt from. */
export class TooFewLabelledRowsError extends PipelineError {
  override readonly name = 'TooFewLabelledRowsError';
}

/** A transform job left nothing that can be read as predictions: no object, too large, not text. */
export class PredictionsUnreadableError extends PipelineError {
  override readonly name = 'PredictionsUnreadableError';
}

/** A transform job answered with more or fewer lines than the hold-out has rows. */
export class PredictionCountError extends PipelineError {
  override readonly name = 'PredictionCountError';
}

/** A prediction is NaN, infinite, text, or not in the column that `serving.response` names. */
export class PredictionNotANumberError extends PipelineError {
  override readonly name = 'PredictionNotANumberError';
}

/** An answer of the hold-out is none that the problem knows: an unnamed class, no number. */
export class HoldOutLabelError extends PipelineError {
  override readonly name = 'HoldOutLabelError';
}

/** A slice gate for which no value of its attribute has rows enough in the hold-out. */
export class SliceTooSmallError extends PipelineError {
  override readonly name = 'SliceTooSmallError';
}

/** A gate's margin is finer than the hold-out can tell: an equal candidate would be refused more often than not. */
export class MarginNotResolvableError extends PipelineError {
  override readonly name = 'MarginNotResolvableError';
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

/** A former version may not be served again, or not now. */
export class RollbackRefusedError extends PipelineError {
  override readonly name = 'RollbackRefusedError';
}

/** A rollback of the model is under way: a deployment waits for it. */
export class RollbackRunsError extends PipelineError {
  override readonly name = 'RollbackRunsError';
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
