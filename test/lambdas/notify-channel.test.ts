import { beforeEach, describe, expect, it } from '@jest/globals';
import { HttpChannelPoster } from '../../adapters/http-channel-poster.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { notifyChannel } from '../../lambdas/notify-channel/notify-channel.ts';
import { CONFIG } from '../support/approval-fixtures.ts';
import { ApprovalRoom, CANARY } from '../support/approval-room.ts';

const ADDRESS = 'https://hooks.example.com/services/T0/B0/canary-address';
const REQUEST = `r${'1'.padStart(40, '0')}`;
const config: DeployedConfig = {
  ...CONFIG,
  tiers: {
    ...CONFIG.tiers,
    critical: {
      ...CONFIG.tiers.critical!,
      notify: [
        { format: 'slack', secret: 'webhooks/a' },
        { format: 'generic', secret: 'webhooks/b' },
      ],
    },
  },
};

let room: ApprovalRoom;
let posts: { url: string; body: string }[];
let answer: () => Response;
let failures: string[];
let done: Set<string>;

beforeEach(() => {
  room = new ApprovalRoom({ config });
  [posts, failures, done] = [[], [], new Set()];
  answer = () => new Response('ok');
});

function tell(...bodies: unknown[]) {
  const poster = new HttpChannelPoster(async (url, init) => {
    posts.push({ url: String(url), body: String(init?.body) });
    return answer();
  });
  return notifyChannel({
    ...room.commandDependencies(),
    posted: {
      has: async (notice) => done.has(JSON.stringify(notice)),
      record: async (notice) => void done.add(JSON.stringify(notice)),
    },
    secrets: { read: async () => ADDRESS },
    poster,
    pagesUrl: 'https://pages.example.com',
    onFailure: (error) => failures.push((error as Error).message),
  })({ Records: bodies.map((body, i) => ({ messageId: `m${i}`, body: JSON.stringify(body) })) });
}

const asked = { requestId: REQUEST, event: 'asked', channel: 0 };

describe('telling a channel', () => {
  it('has every channel of the tier told once people are asked, and posts each once however often it arrives', async () => {
    await room.ask();
    expect(room.notices).toEqual([asked, { ...asked, channel: 1 }]);
    await tell(...room.notices);
    await tell(...room.notices, asked);
    expect(posts.map(({ url }) => url)).toEqual([ADDRESS, ADDRESS]);
    expect(JSON.parse(posts[1]!.body)).toMatchObject({ schema: 'launchway/notice/v1', requestId: REQUEST });
    expect(posts.map(({ body }) => body).join()).not.toMatch(new RegExp(`link=|${CANARY}`));
  });

  it('is tried again where it fails, alone, and says so without its address', async () => {
    await room.ask();
    for (const status of [400, 404, 410, 429, 500]) {
      answer = () => new Response(`no_service ${ADDRESS}`, { status });
      expect(await tell(asked)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
      expect(failures.at(-1)).toBe(`expected the channel to take the message, got status ${status}`);
    }
    answer = () => {
      throw Object.assign(new TypeError(`fetch failed: getaddrinfo hooks.example.com`), { cause: ADDRESS });
    };
    const { batchItemFailures } = await tell(asked, { ...asked, channel: 7 });
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
    expect(failures.join()).not.toMatch(/hooks\.example|canary-address/);
    expect(room.version().status).toBe('Validated');
  });

  it('posts to nothing but https', async () => {
    await room.ask();
    const poster = new HttpChannelPoster(async () => new Response('ok'));
    for (const address of ['http://10.0.0.1/x', 'file:///etc/passwd', 'ftp://x', 'no address', '']) {
      await expect(poster.post(address, {})).rejects.toThrow('expected the secret to be an https address');
    }
    await poster.post('http://127.0.0.1:4566/_launchway/channel', {});
  });

  it('says nothing of what is decided, expired or unknown', async () => {
    await room.ask();
    await room.decide(room.linkFor('ben'), { decision: 'reject', reason: 'x' });
    await tell(asked, { ...asked, requestId: 'r0' });
    expect(posts).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('leaves what is no notice to the dead letters', async () => {
    expect((await tell({ ...asked, event: 'approve' }, {}, 'x')).batchItemFailures).toHaveLength(3);
  });

  it('does not hold up asking, nor escalating, when the queue is down', async () => {
    room.noticesFailWith = new Error('queue down');
    await room.ask();
    expect(room.request().notified).toBe(true);
    expect(room.problems).toEqual([room.noticesFailWith, room.noticesFailWith]);
  });

  it('tells of an escalation', async () => {
    const tiers = { ...config.tiers, critical: { ...config.tiers.critical!, escalateTo: ['dan'] } };
    room = new ApprovalRoom({ config: { ...config, tiers } });
    await room.ask(14, CANARY, 96);
    room.clock.advance(80 * 3_600_000);
    await room.remind();
    expect(room.notices.slice(2)).toEqual([
      { ...asked, event: 'escalated' },
      { ...asked, event: 'escalated', channel: 1 },
    ]);
  });
});
