import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { channelMessage } from '../../../domain/notice/channel-message.ts';
import { type Notice, noticeOf } from '../../../domain/notice/notice.ts';
import { approvalRequest, CONFIG } from '../../support/approval-fixtures.ts';

const PAGES = 'https://pages.example.com';
const inWords = ['It decides <b>loans</b>.', 'As good as what serves.', 'May version 7 serve?'] as const;
const issuer = { url: 'https://login.example.com', clientId: 'l', subjectClaim: 'sub', scopes: [], sessionMinutes: 60 };
const withSignIn = noticeOf('asked', approvalRequest(), { inWords } as never, { ...CONFIG, issuer }, PAGES);
const withoutSignIn = noticeOf('escalated', approvalRequest(), { inWords } as never, CONFIG, PAGES);

describe('a notice', () => {
  it('names the page where people sign in, without anything that decides', () => {
    expect(withSignIn).toMatchObject({
      title: 'flight-delays version 7 – may it serve?',
      url: `${PAGES}/approvals/${approvalRequest().requestId}`,
    });
    expect(withSignIn.words.at(-1)).toBe(
      'Asked: Abe, Ada, Ben (1 of business and 1 of model-risk). Until Wed 2 Jan 2030, 00:00 UTC; silence is a no. Sign in on the page to decide.',
    );
  });

  it('names no page where a link is the credential: a channel has many readers', () => {
    expect(JSON.stringify(withoutSignIn)).not.toMatch(/https?:|link=/);
    expect(withoutSignIn.title).toMatch(/^Still undecided:/);
    expect(withoutSignIn.words.at(-1)).toContain('The link to decide with is in the mail of each of them.');
  });
});

describe('the message of a channel', () => {
  it('is what Slack’s incoming webhooks take', () => {
    expect(channelMessage('slack', withSignIn)).toEqual({
      text: 'flight-delays version 7 – may it serve?',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'flight-delays version 7 – may it serve?', emoji: false } },
        ...withSignIn.words.map((text) => ({ type: 'section', text: { type: 'plain_text', text, emoji: false } })),
        {
          type: 'section',
          text: { type: 'mrkdwn', text: `<${withSignIn.url}|See the evidence and decide>`, verbatim: true },
        },
      ],
    });
  });

  it('is an adaptive card for a Teams workflow', () => {
    expect(channelMessage('teams', withSignIn)).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            type: 'AdaptiveCard',
            body: expect.arrayContaining([{ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: inWords[0] }] }]),
            actions: [{ type: 'Action.OpenUrl', url: withSignIn.url }],
          },
        },
      ],
    });
  });

  it('is the notice itself for anything else', () => {
    expect(channelMessage('generic', withSignIn)).toEqual({ schema: 'launchway/notice/v1', ...withSignIn });
  });

  it('A18: makes no markup, mention or second link of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (hostile) => {
        const notice: Notice = {
          ...withSignIn,
          title: `x<!channel>${hostile}`,
          words: [`[a](https://evil)${hostile}`],
        };
        const slack = channelMessage('slack', notice) as { text: string; blocks: { text: { type: string } }[] };
        expect(slack.text).not.toMatch(/[<>]/);
        expect(slack.blocks.filter(({ text }) => text.type === 'mrkdwn')).toHaveLength(1);
        const teams = JSON.stringify(channelMessage('teams', notice));
        expect(teams.match(/"type":"(TextBlock|Action\.OpenUrl)"/g)).toEqual(['"type":"Action.OpenUrl"']);
      }),
    );
  });
});
