import type { AuditEntry, AuditEvent } from '../../domain/audit.ts';
import { nextEntry } from '../../domain/audit-chain.ts';
import type { AuditTrail, ChampionStore, ServedEndpoint, ServingEndpoints } from '../../domain/deployment/ports.ts';
import { UnlawfulTransitionError } from '../../domain/errors.ts';
import type { Champion } from '../../domain/model.ts';
import { VERSION_TRANSITIONS } from '../../domain/version.ts';
import type { InMemoryLineageStore } from './in-memory.ts';

export class InMemoryAuditTrail implements AuditTrail {
  readonly entries: AuditEntry[] = [];

  async append(model: string, event: AuditEvent) {
    const entry = nextEntry(model, this.entries.at(-1), event, '2030-01-01T00:00:00.000Z');
    this.entries.push(entry);
    return entry;
  }

  async list() {
    return this.entries;
  }
}

/** An endpoint whose every answer can be changed. */
export class InMemoryEndpoints implements ServingEndpoints {
  endpoint: ServedEndpoint;
  modelNames: string[];
  model: Awaited<ReturnType<ServingEndpoints['describeModel']>>;
  answer: (row: string, i: number) => string = () => '0.5';
  readonly inferenceIds: string[] = [];

  constructor(
    endpoint: ServedEndpoint,
    modelNames: string[],
    model: Awaited<ReturnType<ServingEndpoints['describeModel']>>,
  ) {
    this.endpoint = endpoint;
    this.modelNames = modelNames;
    this.model = model;
  }

  async describe() {
    return this.endpoint;
  }

  async describeConfiguration() {
    return { modelNames: this.modelNames };
  }

  async describeModel() {
    return this.model;
  }

  async invoke(_endpointName: string, row: string, inferenceId: string) {
    this.inferenceIds.push(inferenceId);
    return this.answer(row, this.inferenceIds.length - 1);
  }
}

export class InMemoryChampionStore implements ChampionStore {
  readonly audit: AuditEvent[] = [];
  readonly #lineage: InMemoryLineageStore;

  constructor(lineage: InMemoryLineageStore) {
    this.#lineage = lineage;
  }

  async switchTo(model: string, champion: Champion, audit: AuditEvent) {
    const row = await this.#lineage.getModel(model);
    const former = row.champion;
    if (former?.version === champion.version && former.endpointConfigName === champion.endpointConfigName) return {};
    if (former?.version !== champion.version) {
      await this.#move(model, champion.version, 'Deployed');
      if (former) await this.#move(model, former.version, 'Retired');
    }
    this.#lineage.models.set(model, { ...row, champion });
    this.audit.push(audit);
    return former && former.version !== champion.version ? { previous: former.version } : {};
  }

  async #move(model: string, number: number, next: 'Deployed' | 'Retired') {
    const version = await this.#lineage.getVersion(model, number);
    if (!VERSION_TRANSITIONS[version.status].includes(next)) {
      throw new UnlawfulTransitionError(`expected version ${number} before ${next}, got ${version.status}`);
    }
    this.#lineage.versions.set(`${model}/${number}`, { ...version, status: next });
  }
}
