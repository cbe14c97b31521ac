import type { TimeWindow } from '../drift/persistence.ts';
import type { Business, ModelDefinition } from '../model-definition.ts';
import type { LabelledPredictions } from '../quality/evaluate-window.ts';
import { jobCostUsd, PRICES_AS_OF } from '../training/prices.ts';

/** What serving cost in a window, by list price. */
export interface ServingCost {
  readonly usd: number;
  /** Instances that were paid for at least; scaling out to `most` costs more, and is not counted here. */
  readonly instances: number;
  readonly most: number;
  readonly instance: string;
  readonly hours: number;
  /** Of the price list, `yyyy-mm`. */
  readonly pricesAsOf: string;
}

const HOUR_MS = 3_600_000;

/**
 * Instances times the hours of the window that the version served.
 *
 * @param since when it began to serve, ISO 8601 UTC
 * @returns undefined where no price of the instance is known in the region: none is guessed
 */
export function servingCost(
  region: string,
  { realtime }: Pick<ModelDefinition['serving'], 'realtime'>,
  { start, end }: TimeWindow,
  since: string,
): ServingCost | undefined {
  const { instance, minInstances, maxInstances } = realtime;
  const hours = Math.max(0, Date.parse(end) - Math.max(Date.parse(start), Date.parse(since))) / HOUR_MS;
  const usd = jobCostUsd(region, instance, minInstances, hours * 3_600);
  if (usd === undefined) return undefined;
  return { usd, instances: minInstances, most: maxInstances, instance, hours, pricesAsOf: PRICES_AS_OF };
}

/** `at least 2.76 USD: ml.m5.large, 24 h; list prices of 2026-11` */
export function costInWords({ usd, instances, most, instance, hours, pricesAsOf }: ServingCost): string {
  const count = instances === 1 ? instance : `${instances} × ${instance}`;
  return `${most > instances ? 'at least ' : ''}${usd.toFixed(2)} USD: ${count}, ${Number(hours.toFixed(1))} h; list prices of ${pricesAsOf}`;
}

/** What a window's decisions were worth, of those whose outcome is known; nothing is made of the others. */
export interface DecisionValue {
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
  /** Decisions that it is the sum of. */
  readonly labelled: number;
}

/** `1,250.50 EUR of 850 labelled decisions` */
export const valueInWords = ({ amount, currency, labelled }: DecisionValue): string =>
  `${money(amount)} ${currency} of ${labelled.toLocaleString('en-US')} labelled decisions`;

const money = (amount: number): string =>
  amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/**
 * What some windows cost and were worth together, in a line each; a line is absent where nothing of it is known.
 *
 * @param windows oldest first; those of which something is not known are counted, and nothing is made of them
 */
export function worthInSum(
  windows: readonly { readonly start: string; readonly cost?: ServingCost; readonly value?: DecisionValue }[],
): { readonly cost?: string; readonly value?: string } {
  const costs = windows.flatMap(({ cost }) => cost ?? []);
  const values = windows.flatMap(({ value }) => value ?? []);
  const since = `since ${windows[0]?.start.slice(0, 10)}`;
  const of = (known: number) => `${known} of ${windows.length} windows ${since}`;
  const usd = costs.reduce((sum, cost) => sum + cost.usd, 0);
  const atLeast = costs.some(({ instances, most }) => most > instances) ? 'at least ' : '';
  const byCurrency = [...Map.groupBy(values, ({ currency }) => currency)].map(([currency, some]) => ({
    currency,
    amount: some.reduce((sum, { amount }) => sum + amount, 0),
    labelled: some.reduce((sum, { labelled }) => sum + labelled, 0),
  }));
  return {
    ...(costs.length > 0 && { cost: `${atLeast}${money(usd)} USD at list prices, ${of(costs.length)}` }),
    ...(values.length > 0 && { value: `${byCurrency.map(valueInWords).join(', ')}, ${of(values.length)}` }),
  };
}

/** Each labelled decision at what `business` of model.yaml says it is worth. @param threshold decides positive at `score ≥ threshold` */
export function decisionValue(
  { truth, scores }: Pick<LabelledPredictions, 'truth' | 'scores'>,
  threshold: number,
  business: Business,
): DecisionValue {
  let amount = 0;
  for (let i = 0; i < truth.length; i++) {
    const decided = scores[0]![i]! >= threshold;
    if (truth[i] === 1) amount += decided ? business.truePositiveValue : -business.falseNegativeCost;
    else amount += decided ? -business.falsePositiveCost : business.trueNegativeValue;
  }
  return { amount, currency: business.currency, labelled: truth.length };
}
