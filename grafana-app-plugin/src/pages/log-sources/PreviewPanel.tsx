import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Badge, PanelChrome, useStyles2 } from '@grafana/ui';
import type { LogSourcePreview, PreviewField, PreviewLine } from '../../api/log-source-types.ts';
import { LogSeverityLabel } from '../../components/LogSeverityLabel.tsx';
import { formatShare } from '../../components/source-state.ts';
import { formatCount, formatDuration, formatFull } from '../../components/time-format.ts';
import { MAPPED_FIELD_WORDS } from '../../vocabulary.ts';
import { inputOfError, labelOfInput } from './source-form.ts';

interface Props {
  preview: LogSourcePreview;
  /** The form was changed since. */
  isOld: boolean;
  timeZone: string;
}

/** The newest documents as they would be read, which fields were found, and what is wrong. */
export function PreviewPanel({ preview, isOld, timeZone }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <PanelChrome
      title="Preview"
      actions={isOld ? <Badge text="the form changed since" color="orange" icon="history" /> : undefined}
    >
      <div className={styles.preview}>
        <Problems problems={preview.problems} />
        <p className={styles.text}>{sizeText(preview)}</p>
        <div className={styles.columns}>
          <div className={styles.scroll}>
            <FoundFields preview={preview} />
          </div>
          <div className={styles.scroll}>
            {preview.lines.length === 0 ? (
              <p className={styles.text}>No document matches.</p>
            ) : (
              <Lines lines={preview.lines} timeZone={timeZone} />
            )}
          </div>
        </div>
      </div>
    </PanelChrome>
  );
}

function Problems({ problems }: Pick<LogSourcePreview, 'problems'>) {
  const styles = useStyles2(getStyles);
  if (problems.length === 0) {
    return null;
  }
  return (
    <Alert severity="warning" title="Look at this before you add the source" bottomSpacing={0}>
      <ul className={styles.problems}>
        {problems.map(({ field, message }) => (
          <li key={`${field} ${message}`}>
            <strong>{labelOfInput(inputOfError({ field })) ?? field}</strong>: {message}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

function sizeText({
  indices,
  documents_24h,
  backfill_documents,
  backfill_seconds,
}: LogSourcePreview): string {
  const places = indices === 1 ? '1 index' : `${formatCount(indices)} indices`;
  const backfill =
    backfill_documents === 0
      ? 'nothing is read before the new ones'
      : `about ${formatCount(backfill_documents)} are read first, in about ${formatDuration(backfill_seconds * 1000)}`;
  return `${places}, ${formatCount(documents_24h)} documents in the last 24 hours; ${backfill}.`;
}

function FoundFields({ preview: { fields, cursor_field, has_cursor_field } }: Pick<Props, 'preview'>) {
  const styles = useStyles2(getStyles);
  return (
    <>
      <table className={styles.table} aria-label="Fields found">
        <thead>
          <tr>
            <th scope="col">Read as</th>
            <th scope="col">Field</th>
            <th scope="col">Found in</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((found) => (
            <tr key={found.field}>
              <td className={styles.time}>{MAPPED_FIELD_WORDS[found.field]?.name ?? found.field}</td>
              <td>
                <code>{found.path}</code>
              </td>
              <td className={cx(isLacking(found) && styles.lacking)}>{foundText(found)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {!has_cursor_field && (
        <p className={styles.note}>
          The index has no date field <code>{cursor_field}</code>: documents are read in the order of their
          own time, and late ones cost more.
        </p>
      )}
    </>
  );
}

/** Fields that lines are poorer without; the others are often absent. */
const NEEDED: PreviewField['field'][] = ['timestamp', 'message', 'service', 'severity'];

const isLacking = ({ field, found }: PreviewField): boolean =>
  found !== null && found < 1 && NEEDED.includes(field);

function foundText({ found, is_indexed }: PreviewField): string {
  const share = found === null ? '–' : found === 0 ? 'none' : formatShare(found);
  return is_indexed || !found ? share : `${share}, not searchable`;
}

function Lines({ lines, timeZone }: { lines: PreviewLine[]; timeZone: string }) {
  const styles = useStyles2(getStyles);
  return (
    <table className={styles.table} aria-label="Sample documents">
      <thead>
        <tr>
          {['Time', 'Severity', 'Service', 'Message', 'Origin'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines.map((line, index) => (
          <tr key={index}>
            <td className={styles.time}>{formatFull(line.timestamp, timeZone)}</td>
            <td>
              <LogSeverityLabel severity={line.severity} />
            </td>
            <td>{line.service}</td>
            <td className={styles.message}>{line.message}</td>
            <td>{line.source}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  preview: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  problems: css({ margin: 0, paddingLeft: theme.spacing(2), overflowWrap: 'anywhere' }),
  text: css({ margin: 0 }),
  columns: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 400px) minmax(0, 1fr)',
    gap: theme.spacing(2, 3),
    alignItems: 'start',
    '@media (max-width: 1180px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
  scroll: css({ overflowX: 'auto' }),
  note: css({
    margin: theme.spacing(1, 0, 0),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  table: css({
    width: '100%',
    fontSize: theme.typography.bodySmall.fontSize,
    'th, td': { padding: theme.spacing(0.5, 2, 0.5, 0), textAlign: 'left', verticalAlign: 'top' },
    th: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular },
    'tbody tr': { borderTop: `1px solid ${theme.colors.border.weak}` },
  }),
  time: css({ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }),
  message: css({
    minWidth: 260,
    fontFamily: theme.typography.fontFamilyMonospace,
    overflowWrap: 'anywhere',
    whiteSpace: 'pre-wrap',
  }),
  lacking: css({ color: theme.colors.warning.text }),
});
