import type { ChampionStore } from '../../domain/deployment/ports.ts';
import { DeploymentNotProvedError } from '../../domain/errors.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { SwitchChampionInput, SwitchChampionOutput } from './contract.ts';

export interface SwitchChampionDependencies {
  readonly lineage: LineageStore;
  readonly champions: ChampionStore;
}

/**
 * Records that a proved version serves now, and that the former one does not.
 *
 * @throws {DeploymentNotProvedError} the release's row has no proof of this deployment
 */
export const switchChampion =
  ({ lineage, champions }: SwitchChampionDependencies) =>
  async (input: SwitchChampionInput): Promise<SwitchChampionOutput> => {
    const { model, release, version, endpointName, endpointConfigName } = input;
    const row = await lineage.getRelease(model, release);
    const proof = row.steps.deployment;
    if (row.version !== version || proof?.endpointConfigName !== endpointConfigName) {
      throw new DeploymentNotProvedError(
        `expected proof that release ${model}/${release} serves version ${version} with ${endpointConfigName}, got ${proof ? `version ${row.version} with ${proof.endpointConfigName}` : 'none'}`,
      );
    }
    return champions.switchTo(
      model,
      { version, endpointName, endpointConfigName, since: proof.provedAt },
      {
        type: 'ChampionSwitched',
        actor: 'launchway:switch-champion',
        subject: `version/${version}`,
        details: { release, endpointName, endpointConfigName, provedAt: proof.provedAt, smokeRows: proof.smokeRows },
      },
    );
  };
