import type { ChampionStore, RollbackStore } from '../../domain/deployment/ports.ts';
import { DeploymentNotProvedError } from '../../domain/errors.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { SwitchChampionInput, SwitchChampionOutput } from './contract.ts';

export interface SwitchChampionDependencies {
  readonly lineage: LineageStore;
  readonly rollbacks: Pick<RollbackStore, 'get'>;
  readonly champions: ChampionStore;
}

/**
 * Records that a proved version serves now, and that the former one does not.
 *
 * @throws {DeploymentNotProvedError} neither the release's row nor the rollback's has a proof of this deployment
 */
export const switchChampion =
  (dependencies: SwitchChampionDependencies) =>
  async (input: SwitchChampionInput): Promise<SwitchChampionOutput> => {
    const { model, release, rollback, version, endpointName, endpointConfigName } = input;
    const { proof, of } = await proofOf(dependencies, input);
    if (of !== version || proof?.endpointConfigName !== endpointConfigName) {
      throw new DeploymentNotProvedError(
        `expected proof that release ${model}/${release} serves version ${version} with ${endpointConfigName}, got ${proof ? `version ${of} with ${proof.endpointConfigName}` : 'none'}`,
      );
    }
    return dependencies.champions.switchTo(
      model,
      { version, endpointName, endpointConfigName, since: proof.provedAt },
      {
        type: 'ChampionSwitched',
        actor: 'launchway:switch-champion',
        subject: `version/${version}`,
        details: {
          ...{ release, endpointName, endpointConfigName, provedAt: proof.provedAt, smokeRows: proof.smokeRows },
          ...(rollback !== undefined && { rollback }),
        },
      },
    );
  };

/** What was proved to serve which version. */
async function proofOf(
  { lineage, rollbacks }: SwitchChampionDependencies,
  { model, release, rollback }: SwitchChampionInput,
) {
  if (rollback !== undefined) {
    const { to, proof } = await rollbacks.get(model, rollback);
    return { proof, of: to };
  }
  const { steps, version } = await lineage.getRelease(model, release);
  return { proof: steps.deployment, of: version };
}
