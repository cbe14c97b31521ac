import { GetScheduleCommand, ResourceNotFoundException, SchedulerClient } from '@aws-sdk/client-scheduler';
import type { MonitoringSchedules } from '../domain/monitoring/ports.ts';

/** The models' schedules in their group. */
export class SchedulerMonitoringSchedules implements MonitoringSchedules {
  readonly #groupName: string;
  readonly #prefix: string;
  readonly #client: SchedulerClient;

  /** @param prefix `namePrefix-stage`: what a schedule's name starts with */
  constructor(groupName: string, prefix: string, client: SchedulerClient = new SchedulerClient({})) {
    this.#groupName = groupName;
    this.#prefix = prefix;
    this.#client = client;
  }

  async state(model: string): Promise<'enabled' | 'disabled' | undefined> {
    try {
      const { State } = await this.#client.send(
        new GetScheduleCommand({ GroupName: this.#groupName, Name: `${this.#prefix}-${model}` }),
      );
      return State === 'ENABLED' ? 'enabled' : 'disabled';
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }
}
