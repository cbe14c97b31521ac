import type { ChannelConfig } from '../deployed-config.ts';
import { visibleText } from '../mail/visible-text.ts';
import type { Notice } from './notice.ts';

/** Slack takes 3,000 characters in a section; a channel is no place for more anyway. */
const MOST_CHARACTERS = 2_000;
const shown = (text: string): string => visibleText(text, MOST_CHARACTERS);

/**
 * The JSON that a channel's webhook takes. Texts that came from outside stay text: no markup of any vendor is made of them.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 * @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using (Workflows)
 */
export function channelMessage(format: ChannelConfig['format'], notice: Notice): object {
  switch (format) {
    case 'slack':
      return slackMessage(notice);
    case 'teams':
      return teamsMessage(notice);
    case 'generic':
      return { schema: 'launchway/notice/v1', ...notice };
  }
}

/** `text` is read as mrkdwn, in which these three make links, mentions and entities. */
const slackEscaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function slackMessage({ title, words, url }: Notice): object {
  return {
    text: slackEscaped(shown(title)),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: shown(title).slice(0, 150), emoji: false } },
      ...words.map((text) => ({ type: 'section', text: { type: 'plain_text', text: shown(text), emoji: false } })),
      ...(url === undefined
        ? []
        : [
            { type: 'section', text: { type: 'mrkdwn', text: `<${url}|See the evidence and decide>`, verbatim: true } },
          ]),
    ],
  };
}

/** Runs of text and not text blocks, which read markdown. */
const teamsText = (text: string, style: object = {}) => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text: shown(text), ...style }],
});

function teamsMessage({ title, words, url }: Notice): object {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [teamsText(title, { weight: 'Bolder', size: 'Medium' }), ...words.map((text) => teamsText(text))],
          actions: url === undefined ? [] : [{ type: 'Action.OpenUrl', title: 'See the evidence and decide', url }],
        },
      },
    ],
  };
}
