import type { AlertPayload } from './alert-payload.ts';

const TITLES = {
  opened: 'Anomaly opened',
  escalated: 'Anomaly escalated',
  resolved: 'Anomaly resolved',
  withdrawn: 'Anomaly withdrawn',
  test: 'Test message',
} as const;

// Slack refuses a message with a longer text of a section block.
const MAX_SECTION_CHARACTERS = 3000;

/** Body of a Slack incoming webhook: plain text for notifications, blocks for the channel. */
export function slackMessage(payload: AlertPayload): { text: string; blocks: unknown[] } {
  const { anomaly } = payload;
  const title = `${TITLES[payload.event]}: ${anomaly.service.name} (${payload.severity})`;
  const simulated = anomaly.simulated ? ' [simulated]' : '';
  const facts = `score ${Math.round(anomaly.score)} · ${anomaly.anomaly_type} · since ${anomaly.started_at}`;
  const templates = payload.explanation.templates.map(
    (template) =>
      `• ${template.count} × \`${escape(template.pattern).replaceAll('`', "'")}\` (${template.expected} expected)`,
  );
  const section = (text: string) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: text.slice(0, MAX_SECTION_CHARACTERS) },
  });
  return {
    text: escape(`${title}${simulated}`),
    blocks: [
      section(`*${escape(title)}*${simulated}\n${escape(anomaly.summary)}`),
      ...(templates.length > 0 ? [section(templates.join('\n'))] : []),
      { type: 'context', elements: [{ type: 'mrkdwn', text: escape(facts) }] },
    ],
  };
}

/** The three characters that Slack's mrkdwn gives a meaning (links, mentions); a log line must not mention a channel. */
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
