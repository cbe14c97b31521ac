import type { Cloud, Service } from '../../service.ts';
import { Executions } from './executions.ts';
import { createIntegrations } from './integrations/index.ts';
import { Journal } from './journal.ts';
import { runDistributedMap } from './map-run.ts';
import { callbackOperations } from './operations/callbacks.ts';
import { executionOperations } from './operations/executions.ts';
import { machineOperations } from './operations/machines.ts';
import { stateMachineResource } from './resource.ts';

/** Step Functions: JSONata state machines, standard executions, task tokens and service integrations. */
export function createStatesService(cloud: Cloud): Service {
  const integration = createIntegrations(cloud);
  const executions = new Executions(cloud, (self) => ({
    integration,
    distributedMap: (line) => runDistributedMap(cloud, self, line),
  }));
  return {
    name: 'states',
    operations: {
      ...machineOperations(executions),
      ...executionOperations(executions),
      ...callbackOperations(executions),
    },
    resources: { 'AWS::StepFunctions::StateMachine': stateMachineResource(executions) },
    resume: async () => executions.resume(),
    stop: () => executions.detach(),
  };
}

/** State transitions made on a cloud since its state began, as AWS would bill them: states entered and retries. */
export const stateTransitions = (cloud: Cloud): number => new Journal(cloud.store).transitions;
