import { expect, it } from 'vitest';
import { testPayload } from './alert-payload.ts';
import { slackMessage } from './slack-message.ts';

const payload = testPayload('0b0e7a54-0000-4000-8000-000000000001', 'k', Date.UTC(2026, 0, 5, 12));

it('has a text for notifications and blocks for the channel', () => {
  const { text, blocks } = slackMessage(payload);
  expect(text).toBe('Test message: test (info) [simulated]');
  expect(blocks).toHaveLength(2);
});

it('lets no log line mention a channel, link, or leave its code mark', () => {
  const template = {
    template_id: 1,
    pattern: '`<!channel> & <*>`',
    severity: 'error',
    count: 5,
    expected: 0,
  };
  const body = JSON.stringify(
    slackMessage({
      ...payload,
      anomaly: { ...payload.anomaly, summary: '<!here> <https://x|y>' },
      explanation: { ...payload.explanation, templates: [template] },
    }),
  );
  expect(body).not.toContain('<');
  expect(body).toContain("`'&lt;!channel&gt; &amp; &lt;*&gt;'`");
});

it('keeps every section within 3000 characters', () => {
  const long = { ...payload, anomaly: { ...payload.anomaly, summary: 'x'.repeat(9000) } };
  const [section] = slackMessage(long).blocks as { text: { text: string } }[];
  expect(section?.text.text.length).toBe(3000);
});
