import type { Evaluation } from '../../domain/evaluation/evaluate.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { isToBeTold } from '../../domain/monitoring/findings.ts';
import type { Detector, WindowRow } from '../../domain/monitoring/rows.ts';
import type { VersionRow } from '../../domain/version.ts';
import { looksAt } from '../../lambdas/check-drift/look-at-window.ts';
import { settleLook } from '../../lambdas/shared/settle-finding.ts';
import { FixedClock, InMemoryObjectStore } from './in-memory.ts';
import {
  InMemoryAlertPublisher,
  InMemoryEventPublisher,
  InMemoryFleetStore,
  InMemoryMonitoringStore,
} from './in-memory-monitoring-store.ts';

/** Stores that a check settles its windows in, empty. @param importance by feature */
export function settlingRoom(importance: Readonly<Record<string, number>> = {}) {
  const clock = new FixedClock('2026-02-20T00:15:00.000Z');
  const monitoring = new InMemoryMonitoringStore();
  const features = Object.entries(importance).map(([feature, share]) => ({ feature, share }));
  const dependencies = {
    monitoring,
    objects: new InMemoryObjectStore(clock.now),
    publisher: new InMemoryAlertPublisher(),
    events: new InMemoryEventPublisher(),
    fleet: new InMemoryFleetStore(monitoring),
    lineage: { getVersion: async () => ({ evaluation: {}, definition: {} }) as unknown as VersionRow },
    readEvaluation: async () => ({ importance: { features } }) as unknown as Evaluation,
    readDefinition: async () =>
      ({ monitoring: { drift: { persistence: { windows: 2, of: 3 } } } }) as unknown as ModelDefinition,
    now: clock.now,
  };
  const incidents = () => [...monitoring.incidents.values()];
  return {
    ...{ clock, dependencies, objects: dependencies.objects, monitoring, incidents, windows: [] as WindowRow[] },
    /** As a check settles it, but of one detector. @returns whether people are to be told */
    settle: async (detector: Detector, window: WindowRow, serving = window.version): Promise<boolean> => {
      const looks = looksAt(dependencies, { champion: { version: serving } as never }, window);
      const look = looks.find((one) => one.detector === detector)!;
      await settleLook(dependencies, look, 'launchway:check-drift');
      return incidents().some((incident) => incident.detector === detector && isToBeTold(incident));
    },
  };
}
