import type { Cloud, Service } from '../../service.ts';
import { Executions } from './executions.ts';
import { Caller } from './integrations/caller.ts';
import { createIntegrations } from './integrations/index.ts';
import { Journal } from './journal.ts';
import { MapRuns } from './map-run/map-run.ts';
import { callbackOperations } from './operations/callbacks.ts';
import { executionOperations } from './operations/executions.ts';
import { machineOperations } from './operations/machines.ts';
import { mapRunOperations } from './operations/map-runs.ts';
import { stateMachineResource } from './resource.ts';

/** Step Functions: JSONata state machines, standard executions, task tokens and service integrations. */
export function createStatesService(cloud: Cloud): Service {
  const caller = new Caller(cloud);
  const integration = createIntegrations(caller);
  const executions = new Executions(cloud, (self) => ({
    integration,
    distributedMap: (line) => new MapRuns(self, caller).run(line),
  }));
  return {
    name: 'states',
    operations: {
      ...machineOperations(executions),
      ...executionOperations(executions),
      ...callbackOperations(executions),
      ...mapRunOperations(executions),
    },
    resources: { 'AWS::StepFunctions::StateMachine': stateMachineResource(executions) },
    resume: async () => executions.resume(),
    stop: () => executions.detach(),
  };
}

/** State transitions made on a cloud since its state began, as AWS would bill them: states entered and retries. */
export const stateTransitions = (cloud: Cloud): number => new Journal(cloud.store).transitions;
