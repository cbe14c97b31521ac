import type { TellIncidentDependencies } from '../shared/compose-incident-mail.ts';
import { tellUntold } from '../shared/tell-incident.ts';
import type { RaiseAlertInput, RaiseAlertOutput } from './contract.ts';

const STEP = 'launchway:raise-alert';

/**
 * Tells people of a model's open incidents that nobody was told of, each once, whichever detector opened it. A call that died
 * before everyone was told is taken up by the next.
 */
export const raiseAlert =
  (dependencies: TellIncidentDependencies) =>
  async ({ model }: RaiseAlertInput): Promise<RaiseAlertOutput> => ({
    incidents: await tellUntold(dependencies, model, STEP),
  });
