/** When the table below was written down; list prices change. */
export const PRICES_AS_OF = '2025-01-01';

/**
 * On-demand list prices of training and batch transform, USD per instance and hour, without storage and tax (AWS, "Amazon
 * SageMaker pricing"). A type or region that is not here has no stated cost: none is guessed.
 */
const USD_PER_HOUR: Readonly<Record<string, ReadonlyMap<string, number>>> = {
  'us-east-1': new Map([
    ['ml.m5.large', 0.115],
    ['ml.m5.xlarge', 0.23],
    ['ml.m5.2xlarge', 0.461],
    ['ml.m6i.large', 0.115],
    ['ml.m6i.xlarge', 0.23],
  ]),
  'eu-west-1': new Map([
    ['ml.m5.large', 0.128],
    ['ml.m5.xlarge', 0.257],
    ['ml.m5.2xlarge', 0.514],
    ['ml.m6i.large', 0.128],
    ['ml.m6i.xlarge', 0.257],
  ]),
};

/** @returns USD; undefined where no price is known */
export function jobCostUsd(
  region: string,
  instanceType: string,
  instanceCount: number,
  seconds: number,
): number | undefined {
  const perHour = Object.hasOwn(USD_PER_HOUR, region) ? USD_PER_HOUR[region]!.get(instanceType) : undefined;
  return perHour === undefined ? undefined : (perHour * instanceCount * seconds) / 3600;
}

/** `0.04 USD`; four decimals where two would show nothing. */
export const showUsd = (usd: number): string => `${usd < 0.01 ? usd.toFixed(4) : usd.toFixed(2)} USD`;
