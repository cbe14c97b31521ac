import type { BlueGreenUpdatePolicy, CapacitySize } from '@aws-sdk/client-sagemaker';
import { Chances } from '../unit-interval.ts';
import type { Endpoint, Fleet, Variant } from './endpoint.ts';

/** How much traffic the new fleet has, and for how long it is watched there. */
export interface TrafficStep {
  readonly percent: number;
  readonly seconds: number;
}

/**
 * The steps of a blue/green deployment; the last always has all traffic and lasts for the termination wait (the baking period).
 *
 * @param instances of the new fleet, for capacities given as a count
 */
export function trafficPlan(policy: BlueGreenUpdatePolicy | undefined, instances: number): TrafficStep[] {
  const routing = policy?.TrafficRoutingConfiguration;
  const last = { percent: 100, seconds: policy?.TerminationWaitInSeconds ?? 0 };
  const seconds = routing?.WaitIntervalInSeconds ?? 0;
  switch (routing?.Type) {
    case 'CANARY':
      return [{ percent: percentOf(routing?.CanarySize, instances), seconds }, last];
    case 'LINEAR': {
      const step = percentOf(routing?.LinearStepSize, instances);
      const count = Math.ceil(100 / step) - 1;
      return [...Array.from({ length: count }, (_, i) => ({ percent: step * (i + 1), seconds })), last];
    }
    default:
      return [last];
  }
}

/** From 1 to 100. */
function percentOf(size: CapacitySize | undefined, instances: number): number {
  const percent = size?.Type === 'INSTANCE_COUNT' ? ((size.Value ?? 1) / instances) * 100 : (size?.Value ?? 100);
  return Math.min(100, Math.max(1, percent));
}

/** Where a request goes. */
export interface Route {
  readonly fleet: Fleet;
  readonly variant: Variant;
}

/** Sends each request to a fleet and a variant by chance, in the proportion of their shares and weights. */
export class TrafficRouter {
  readonly #chances = new Chances();

  /** @returns undefined where no variant of that name serves */
  choose(endpoint: Endpoint, targetVariant?: string): Route | undefined {
    const routes = endpoint.fleets
      .filter((fleet) => fleet.share > 0)
      .flatMap((fleet) => weighted(fleet, targetVariant))
      .filter((route) => route.weight > 0 || targetVariant !== undefined);
    const total = routes.reduce((sum, route) => sum + route.weight, 0);
    if (routes.length < 2 || total === 0) return routes[0];
    let left = this.#chances.next(endpoint.name) * total;
    for (const route of routes) {
      left -= route.weight;
      if (left < 0) return route;
    }
    return routes.at(-1);
  }
}

function weighted(fleet: Fleet, targetVariant: string | undefined) {
  const variants = fleet.variants.filter(({ name }) => targetVariant === undefined || name === targetVariant);
  const total = variants.reduce((sum, variant) => sum + variant.weight, 0) || 1;
  return variants.map((variant) => ({
    fleet,
    variant,
    weight: (fleet.share / 100) * (variant.weight / total),
  }));
}
