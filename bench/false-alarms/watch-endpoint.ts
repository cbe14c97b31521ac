import { type CountedCalls, DAYS_BACK, WEEKS_BACK } from '../../domain/monitoring/same-hours.ts';
import { type ServiceCounts, type ServiceRow, serviceRow } from '../../domain/monitoring/service.ts';
import { type Usage, usageOf } from '../../domain/monitoring/usage.ts';
import { Incidents, PERSISTENCE } from './incidents.ts';

/** Days on which people were told, by detector. */
export interface ToldDays {
  readonly usage: readonly number[];
  readonly service: readonly number[];
}

/** Holds every day of an endpoint against the days before it, the first of which is the first that it served. */
export function watchEndpoint(days: readonly ServiceCounts[]): ToldDays {
  const told = { usage: [] as number[], service: [] as number[] };
  const [usage, service] = [new Incidents(), new Incidents()];
  let before: { readonly usage: Usage; readonly service?: ServiceRow }[] = [];
  for (let day = 0; day < days.length; day++) {
    const calls = callsOf(days, day);
    const asked = usageOf(calls, calls.now.calls, before, PERSISTENCE)!;
    const answered = serviceRow(calls, before, PERSISTENCE);
    before = [...before, { usage: asked, ...(answered && { service: answered }) }].slice(-PERSISTENCE.of);
    if (usage.take({ found: asked.dropped, over: asked.usual !== undefined && !asked.low })) told.usage.push(day);
    if (!answered) continue;
    if (service.take({ found: answered.persistent.length > 0, over: answered.worse.length === 0 }))
      told.service.push(day);
  }
  return told;
}

const NOT_SERVED: ServiceCounts = { calls: 0, errors4xx: 0, errors5xx: 0 };

/** The day beside the days before it. */
const callsOf = (days: readonly ServiceCounts[], day: number): CountedCalls => {
  const before = (step: number) => (_: unknown, i: number) => days[day - (i + 1) * step] ?? NOT_SERVED;
  return {
    now: days[day]!,
    weeks: Array.from({ length: WEEKS_BACK }, before(7)),
    days: Array.from({ length: DAYS_BACK }, before(1)),
  };
};
