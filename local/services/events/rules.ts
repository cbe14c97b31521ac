import { randomUUID } from 'node:crypto';
import type { Timer } from '../../clock.ts';
import { deliver } from '../../delivery.ts';
import { matchesPattern } from '../../event-pattern.ts';
import { failureAttributes, type PendingDelivery, RetriedDeliveries } from '../../retried-deliveries.ts';
import { type Cloud, type Principal, ServiceError } from '../../service.ts';
import { isManaged, nextOccurrence, type Rule, type Target } from './rule.ts';
import { type DeliveredEvent, targetInput } from './target-input.ts';

const RULES = 'events.rules';
const TARGETS = 'events.targets';

interface EventDelivery extends PendingDelivery {
  readonly ruleArn: string;
  readonly target: Target;
  /** What the target receives. */
  readonly body: string;
}

/** The default bus: its rules, their targets, and what is on its way. */
export class Rules {
  readonly #cloud: Cloud;
  readonly #pending: RetriedDeliveries<EventDelivery>;
  readonly #timers = new Map<string, Timer>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#pending = new RetriedDeliveries<EventDelivery>(cloud, 'events.deliveries', {
      attempt: async (delivery) => this.#deliver(delivery),
      giveUp: (delivery, error, exhausted) => this.#bury(delivery, error, exhausted),
    });
  }

  list(): Rule[] {
    return this.#cloud.store.list<Rule>(RULES).map((entry) => entry.value);
  }

  find(name: string): Rule | undefined {
    return this.#cloud.store.get<Rule>(RULES, name);
  }

  /** @throws {ServiceError} ResourceNotFoundException */
  get(name: string): Rule {
    const rule = this.find(name);
    if (!rule) throw new ServiceError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
    return rule;
  }

  put(rule: Rule): void {
    this.#cloud.store.put(RULES, rule.name, rule);
    this.#arm(rule);
  }

  delete(name: string): void {
    this.#timers.get(name)?.cancel();
    this.#cloud.store.delete(RULES, name);
  }

  targets(rule: string): Target[] {
    return this.#cloud.store.list<Target>(TARGETS, `${rule}/`).map((entry) => entry.value);
  }

  putTarget(rule: string, target: Target): void {
    this.#cloud.store.put(TARGETS, `${rule}/${target.Id}`, target);
  }

  removeTarget(rule: string, id: string): void {
    this.#cloud.store.delete(TARGETS, `${rule}/${id}`);
  }

  /** Hands an event to the targets of every rule it fits; what is accepted is stored before this returns. */
  route(event: DeliveredEvent): void {
    const fitting = this.list().filter(
      ({ name, enabled, pattern }) =>
        enabled && !isManaged(name) && pattern !== undefined && matchesPattern(pattern, event),
    );
    const starts = this.#cloud.store.transaction(() => fitting.flatMap((rule) => this.#accept(rule, event)));
    for (const start of starts) start();
  }

  resume(): void {
    this.#pending.resume();
    for (const rule of this.list()) this.#arm(rule);
  }

  #accept(rule: Rule, event: DeliveredEvent): (() => void)[] {
    const now = this.#cloud.clock.now();
    return this.targets(rule.name).map((target) =>
      this.#pending.accept({
        id: randomUUID(),
        ruleArn: rule.arn,
        target,
        body: targetInput(event, rule, target, now),
        since: now,
        dueAt: now,
        attempts: 0,
        retryPolicy: target.RetryPolicy,
      }),
    );
  }

  async #deliver({ target, ruleArn, body }: EventDelivery): Promise<void> {
    const groupId = target.SqsParameters?.MessageGroupId;
    await deliver(this.#cloud, await this.#principal(target, ruleArn), target.Arn, { body, groupId });
  }

  async #bury(delivery: EventDelivery, error: Error, exhausted: string | undefined): Promise<boolean> {
    const { target, ruleArn, body } = delivery;
    if (!target.DeadLetterConfig?.Arn) return false;
    await deliver(this.#cloud, serviceFor(ruleArn), target.DeadLetterConfig.Arn, {
      body,
      attributes: { ...failureAttributes(delivery, error, exhausted), RULE_ARN: ruleArn, TARGET_ARN: target.Arn },
    });
    return true;
  }

  async #principal({ RoleArn }: Target, ruleArn: string): Promise<Principal> {
    return RoleArn === undefined
      ? serviceFor(ruleArn)
      : this.#cloud.assume(RoleArn, randomUUID(), 'events.amazonaws.com', ruleArn);
  }

  #arm(rule: Rule): void {
    this.#timers.get(rule.name)?.cancel();
    this.#timers.delete(rule.name);
    if (rule.nextAt === undefined) return;
    this.#timers.set(
      rule.name,
      this.#cloud.clock.at(rule.nextAt, () => this.#fire(rule)),
    );
  }

  /** A rule that was due while the cloud was stopped happens once, late. */
  #fire(rule: Rule): void {
    const event = {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: this.#cloud.account,
      time: `${new Date(rule.nextAt!).toISOString().slice(0, 19)}Z`,
      region: this.#cloud.region,
      resources: [rule.arn],
      detail: {},
    };
    const next = { ...rule, nextAt: nextOccurrence(rule, this.#cloud.clock.now()) };
    const starts = this.#cloud.store.transaction(() => {
      this.#cloud.store.put(RULES, rule.name, next);
      return this.#accept(rule, event);
    });
    for (const start of starts) start();
    this.#arm(next);
  }
}

const serviceFor = (sourceArn: string): Principal => ({ kind: 'service', arn: 'events.amazonaws.com', sourceArn });
