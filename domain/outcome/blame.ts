import type { ReleaseOutcome } from '../release.ts';
import type { RootError } from './unwrap-error.ts';

/** What an error means for the release it ended. */
export interface Blame {
  readonly status: 'Refused' | 'Superseded' | 'Withdrawn' | 'Failed';
  readonly whose?: NonNullable<ReleaseOutcome['whose']>;
  /** The job's log explains it. */
  readonly needsLog?: boolean;
}

const CODE: Blame = { status: 'Failed', whose: 'your code', needsLog: true };
const CAPACITY: Blame = { status: 'Failed', whose: 'quota or capacity' };
const PREDICTIONS: Blame = CODE;
const HOLD_OUT: Blame = { status: 'Refused', whose: 'your data' };
const GATE: Blame = { status: 'Refused', whose: 'a gate' };
const AWS: Blame = { status: 'Failed', whose: 'AWS' };

const BY_NAME: Readonly<Record<string, Blame>> = {
  ReleaseSupersededError: { status: 'Superseded' },
  ApprovalRevokedError: { status: 'Withdrawn', whose: 'an approver' },
  DatasetRefusedError: { status: 'Refused', whose: 'your data' },
  DefinitionRefusedError: { status: 'Refused', whose: 'your code' },
  ArtifactRefusedError: { status: 'Refused', whose: 'your code' },
  ModelMissingError: { status: 'Refused', whose: 'your code', needsLog: true },
  ModelTooLargeError: { status: 'Refused', whose: 'your code', needsLog: true },
  TrainingTimedOutError: CODE,
  TuningFailedError: CODE,
  TrainingStoppedError: { status: 'Failed', whose: 'an operator', needsLog: true },
  PredictionsUnreadableError: PREDICTIONS,
  PredictionCountError: PREDICTIONS,
  PredictionNotANumberError: PREDICTIONS,
  HoldOutOneClassError: HOLD_OUT,
  HoldOutLabelError: HOLD_OUT,
  SliceTooSmallError: GATE,
  MarginNotResolvableError: GATE,
  SlotWaitExceededError: CAPACITY,
  SpotWaitExceededError: CAPACITY,
  SpotInterruptedError: CAPACITY,
  CapacityUnavailableError: CAPACITY,
};

const NO_ROOM = /ResourceLimitExceeded|CapacityError|InsufficientInstanceCapacity|InsufficientCapacity/;
const FAULT_OF_AWS = /InternalServerError|ServiceUnavailable|InternalFailure/;

/** Whose it is, by the error's name and, for jobs, by SageMaker's reason. */
export function blame({ name, message }: RootError): Blame {
  if (Object.hasOwn(BY_NAME, name)) return BY_NAME[name]!;
  if (name === 'EndpointRolledBackError' && /alarm/i.test(message)) return { status: 'Failed', whose: 'your code' };
  if (NO_ROOM.test(name) || NO_ROOM.test(message)) return CAPACITY;
  if (name === 'TrainingFailedError') return /InternalServerError/.test(message) ? AWS : CODE;
  if (/AlgorithmError|ClientError/.test(message)) return CODE;
  return FAULT_OF_AWS.test(`${name} ${message}`) ? AWS : { status: 'Failed', whose: 'Launchway' };
}
