import { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Badge, Button, Field, PanelChrome, Stack, TextArea, useStyles2 } from '@grafana/ui';
import type { ApiError } from '../../api/client.ts';
import { sendFeedback, useFeedback } from '../../api/feedback.ts';
import { isPermitted, useSession } from '../../api/session.ts';
import type { Feedback } from '../../api/types.ts';
import { ErrorState } from '../../components/ErrorState.tsx';
import { formatFull } from '../../components/time-format.ts';

interface Props {
  anomaly_id: string;
  timeZone: string;
  /** Called after feedback was stored. */
  onSent: () => void;
}

const verdict = (is_true_positive: boolean): string =>
  is_true_positive ? 'True positive' : 'False positive';
const MAX_COMMENT = 4000;

/** Was it right to open this anomaly? What people said, and a way to say it. */
export function FeedbackPanel({ anomaly_id, timeZone, onSent }: Props) {
  const session = useSession();
  const given = useFeedback(anomaly_id);
  const mayWrite = !session.data || isPermitted(session.data, 'feedback:write');
  return (
    <PanelChrome title="Was this a real problem?">
      {mayWrite ? (
        <FeedbackForm
          anomaly_id={anomaly_id}
          onSent={() => {
            given.refetch();
            onSent();
          }}
        />
      ) : (
        <Alert severity="info" title="You can read feedback, not give it">
          Your key lacks the permission feedback:write.
        </Alert>
      )}
      {given.error && <ErrorState error={given.error} what="the feedback" onRetry={given.refetch} />}
      {given.data?.items.map((feedback) => (
        <GivenFeedback key={feedback.id} feedback={feedback} timeZone={timeZone} />
      ))}
    </PanelChrome>
  );
}

function FeedbackForm({ anomaly_id, onSent }: { anomaly_id: string; onSent: () => void }) {
  const [comment, setComment] = useState('');
  const [isSending, setSending] = useState(false);
  const [result, setResult] = useState<Feedback | ApiError | null>(null);
  const send = (is_true_positive: boolean) => {
    setSending(true);
    const text = comment.trim();
    sendFeedback({ anomaly_id, is_true_positive, ...(text && { comment: text }) })
      .then((feedback) => {
        setResult(feedback);
        setComment('');
        onSent();
      })
      .catch((error: ApiError) => setResult(error))
      .finally(() => setSending(false));
  };
  return (
    <Stack direction="column" gap={1}>
      <Field label="Comment (optional)" noMargin>
        <TextArea
          id="feedback-comment"
          rows={2}
          value={comment}
          maxLength={MAX_COMMENT}
          placeholder="What was it?"
          onChange={(event) => setComment(event.currentTarget.value)}
        />
      </Field>
      <Stack direction="row" gap={1}>
        <Button size="sm" variant="secondary" icon="check" disabled={isSending} onClick={() => send(true)}>
          True positive
        </Button>
        <Button size="sm" variant="secondary" icon="times" disabled={isSending} onClick={() => send(false)}>
          False positive
        </Button>
      </Stack>
      <FeedbackResult result={result} />
    </Stack>
  );
}

function FeedbackResult({ result }: { result: Feedback | ApiError | null }) {
  if (!result) {
    return null;
  }
  return result instanceof Error ? (
    <ErrorState error={result} title="This feedback was not stored" />
  ) : (
    <Alert severity="success" title={`Saved as ${verdict(result.is_true_positive).toLowerCase()}`} />
  );
}

function GivenFeedback({ feedback, timeZone }: { feedback: Feedback; timeZone: string }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.given}>
      <div className={styles.head}>
        <Badge
          text={verdict(feedback.is_true_positive)}
          color={feedback.is_true_positive ? 'green' : 'orange'}
          icon={feedback.is_true_positive ? 'check' : 'times'}
        />
        <span>{feedback.actor}</span>
        <time dateTime={feedback.created_at}>{formatFull(feedback.created_at, timeZone)}</time>
      </div>
      {feedback.comment && <p>{feedback.comment}</p>}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  given: css({
    marginTop: theme.spacing(1),
    paddingTop: theme.spacing(1),
    borderTop: `1px solid ${theme.colors.border.weak}`,
    p: { margin: theme.spacing(0.5, 0, 0), whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
  }),
  head: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0, 1),
    time: {
      marginLeft: 'auto',
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
    },
  }),
});
