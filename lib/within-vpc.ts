import type { LaunchwayConfig } from './config.ts';

/** Tasks whose containers run where their request says. */
const MAKES_CONTAINERS = /:create(TrainingJob|HyperParameterTuningJob|Model)(\.sync)?$/;
/** What such a request says last, as text; `test/state-machines/conventions.test.ts` demands it. */
const ISOLATED = /'EnableNetworkIsolation': true\}/;

// biome-ignore lint/suspicious/noExplicitAny: a definition is JSON; only what is read here matters
type State = any;

/**
 * Puts every container that a workflow makes into the deployment's VPC. The network is configuration, not a plan: it stands in the
 * definition, where `cdk diff` shows it and nothing at run time can change it.
 *
 * @param definition a workflow, as its file has it
 * @throws {Error} a request that the network cannot be added to
 */
export function withinVpc(definition: State, vpc: LaunchwayConfig['vpc']): State {
  if (!vpc) return definition;
  const VpcConfig = { Subnets: vpc.subnets, SecurityGroupIds: vpc.securityGroups };
  const changed = (machine: State): State => ({
    ...machine,
    States: Object.fromEntries(
      Object.entries<State>(machine.States).map(([name, state]) => [name, inside(name, state)]),
    ),
  });
  const inside = (name: string, state: State): State => ({
    ...state,
    ...(MAKES_CONTAINERS.test(state.Resource ?? '') && { Arguments: placed(name, state.Arguments, VpcConfig) }),
    ...(state.Branches && { Branches: state.Branches.map(changed) }),
    ...(state.ItemProcessor && { ItemProcessor: changed(state.ItemProcessor) }),
  });
  return changed(definition);
}

function placed(name: string, request: State, VpcConfig: object): State {
  if (typeof request !== 'string') return { ...request, VpcConfig };
  if (!ISOLATED.test(request))
    throw new Error(`expected the request of "${name}" to end in network isolation, got another`);
  const network = JSON.stringify(VpcConfig).replaceAll('"', "'");
  return request.replace(ISOLATED, `'EnableNetworkIsolation': true, 'VpcConfig': ${network}}`);
}
