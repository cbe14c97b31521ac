import type { BlueGreenUpdatePolicy, CapacitySize } from '@aws-sdk/client-sagemaker';
import { NotImplementedError } from '../../../service.ts';
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
  switch (routing?.Type ?? 'ALL_AT_ONCE') {
    case 'ALL_AT_ONCE':
      return [last];
    case 'CANARY':
      return [{ percent: percentOf(routing?.CanarySize, instances), seconds }, last];
    case 'LINEAR': {
      const step = percentOf(routing?.LinearStepSize, instances);
      const count = Math.ceil(100 / step) - 1;
      return [...Array.from({ length: count }, (_, i) => ({ percent: step * (i + 1), seconds })), last];
    }
    default:
      throw new NotImplementedError(`sagemaker:UpdateEndpoint TrafficRoutingConfiguration.Type ${routing?.Type}`);
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

/** Spreads requests over fleets and variants by weight, evenly and without chance: after 100 requests a canary of 10 % has had 10. */
export class TrafficRouter {
  /** Credit of each route, by endpoint. */
  readonly #credits = new Map<string, Map<string, number>>();

  /** @returns undefined where no variant of that name serves */
  choose(endpoint: Endpoint, targetVariant?: string): Route | undefined {
    const routes = endpoint.fleets
      .filter((fleet) => fleet.share > 0)
      .flatMap((fleet) => weighted(fleet, targetVariant))
      .filter((route) => route.weight > 0 || targetVariant !== undefined);
    const total = routes.reduce((sum, route) => sum + route.weight, 0);
    if (routes.length < 2 || total === 0) return routes[0];
    const before = this.#credits.get(endpoint.name);
    const credits = new Map(routes.map(({ key, weight }) => [key, (before?.get(key) ?? 0) + weight / total]));
    const chosen = routes.reduce((best, route) => (credits.get(route.key)! > credits.get(best.key)! ? route : best));
    credits.set(chosen.key, credits.get(chosen.key)! - 1);
    this.#credits.set(endpoint.name, credits);
    return chosen;
  }
}

function weighted(fleet: Fleet, targetVariant: string | undefined) {
  const variants = fleet.variants.filter(({ name }) => targetVariant === undefined || name === targetVariant);
  const total = variants.reduce((sum, variant) => sum + variant.weight, 0) || 1;
  return variants.map((variant) => ({
    fleet,
    variant,
    key: `${fleet.id}/${variant.name}`,
    weight: (fleet.share / 100) * (variant.weight / total),
  }));
}
