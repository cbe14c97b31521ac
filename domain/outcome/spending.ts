import type { ReleaseRow } from '../release.ts';
import { PRICES_AS_OF, showUsd } from '../training/prices.ts';

type Spender = Pick<ReleaseRow, 'steps' | 'outcome'> & Partial<Pick<ReleaseRow, 'inputs'>>;

/** What an ended release cost altogether, in words; what nobody measured is said to be unknown, never left out. */
export function spentInWords(row: Spender): string {
  const training = spendingInWords(row) ?? withoutTraining(row);
  const validation = row.steps.evaluation?.costUsd;
  if (validation !== undefined) return `${training}; validation about ${showUsd(validation)}`;
  const stoppedThere = row.outcome?.step === 'Validate Model' && !row.steps.evaluation;
  return stoppedThere ? `${training}; what validation had run until then is not in it` : training;
}

function withoutTraining({ outcome, inputs }: Spender): string {
  if (inputs?.artifact) return 'nothing on training: the model was trained elsewhere';
  if (outcome?.step === 'Open Release' || outcome?.step === 'Prepare Data') return 'nothing: no job had been started';
  return outcome?.whose === 'quota or capacity' ? 'nothing: no job ran' : 'not known: no job was recorded';
}

/**
 * What a release's training cost, in words: `about 0.04 USD (ml.m5.large, 212 s, spot: 70 % saved; list prices of 2026-01)`.
 *
 * @returns undefined where nothing trained
 */
export function spendingInWords({ steps }: Pick<ReleaseRow, 'steps'>): string | undefined {
  const { training, failedTraining } = steps;
  if (training?.reusedFrom !== undefined)
    return `nothing: release ${training.reusedFrom} had trained on the same inputs`;
  const job = training ?? failedTraining;
  if (!job) return undefined;
  const { instanceType, instanceCount = 1, seconds, costUsd } = job;
  if (seconds === 0) return 'nothing: no instance ran';
  const facts = [
    instanceCount > 1 ? `${instanceCount} × ${instanceType}` : instanceType,
    `${seconds} s`,
    ...(job.isSpot ? [savedOnSpot(seconds, training?.trainingSeconds)] : []),
  ].join(', ');
  return costUsd === undefined
    ? `${facts}; its price is not in our table`
    : `about ${showUsd(costUsd)} (${facts}; list prices of ${PRICES_AS_OF})`;
}

/** What spot saved is what was trained and not billed. */
function savedOnSpot(billed: number, trained: number | undefined): string {
  if (trained === undefined || trained <= billed) return 'spot';
  return `spot: ${Math.round(100 * (1 - billed / trained))} % saved`;
}
