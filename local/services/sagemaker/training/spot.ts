import type { Cloud } from '../../../service.ts';
import { unitInterval } from '../unit-interval.ts';
import type { TrainingJob } from './job.ts';

/** How AWS takes spot instances back: space `sagemaker.spot`, key an instance type; never, if absent. */
export const SPOT_SPACE = 'sagemaker.spot';

interface SpotMarket {
  /** How long an instance stays on average, in seconds; the times between are exponential. */
  readonly meanSeconds: number;
  readonly seed?: number | string;
}

/** What spot instances cost of the full price: a fixed share here, the market's on AWS. */
const SPOT_PRICE = 0.3;

export const billedShare = ({ request }: Pick<TrainingJob, 'request'>): number =>
  request.EnableManagedSpotTraining ? SPOT_PRICE : 1;

/**
 * When the instances of a spot job are taken back, in milliseconds from the start of its training; undefined: never.
 *
 * The same for the same seed, job and number of interruptions before.
 */
export function interruptionAfter(cloud: Cloud, { name, request, interruptions = 0 }: TrainingJob): number | undefined {
  if (!request.EnableManagedSpotTraining) return undefined;
  const market = cloud.store.get<SpotMarket>(SPOT_SPACE, request.ResourceConfig!.InstanceType!);
  if (!market) return undefined;
  const chance = unitInterval(`${market.seed ?? 0}/${name}/${interruptions}`);
  return -Math.log(1 - chance) * market.meanSeconds * 1000;
}
