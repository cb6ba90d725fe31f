import { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { locationService, PluginPage } from '@grafana/runtime';
import { Alert, Button, LinkButton, LoadingPlaceholder, PanelChrome, Stack, useStyles2 } from '@grafana/ui';
import type { ApiError } from '../../api/client.ts';
import type { EngineType, LogSourcePreview } from '../../api/log-source-types.ts';
import { addLogSource, previewLogSource } from '../../api/log-sources.ts';
import { isPermitted, useSession } from '../../api/session.ts';
import { ErrorState } from '../../components/ErrorState.tsx';
import { usePageTime, useUrlParams } from '../../components/page-time.ts';
import { pagePaths } from '../../paths.ts';
import { PreviewPanel } from './PreviewPanel.tsx';
import {
  emptyForm,
  formProblems,
  inputOfError,
  previewOfForm,
  sourceOfForm,
  type InputProblems,
  type SourceForm,
} from './source-form.ts';
import { SourceInputs } from './SourceInputs.tsx';

const STILL = { from: 'now-1h', to: 'now', refresh: '' };

export default function NewLogSourcePage() {
  const session = useSession();
  const isForbidden = session.data && !isPermitted(session.data, 'log-sources:write');
  return (
    <PluginPage
      pageNav={{
        text: 'Add source',
        url: pagePaths.newLogSource(),
        parentItem: { text: 'Sources', url: pagePaths.logSources() },
      }}
      subTitle="Read logs that are in Elasticsearch or OpenSearch already. Nothing is written to that index."
    >
      {isForbidden ? (
        <Alert severity="warning" title="You may not add a source">
          Your key or role lacks the permission log-sources:write.
        </Alert>
      ) : (
        <NewLogSource />
      )}
    </PluginPage>
  );
}

/** A preview, and the form that it was made of: it is old once another form would be previewed. */
interface Previewed {
  of: string;
  preview: LogSourcePreview;
}

function NewLogSource() {
  const styles = useStyles2(getStyles);
  const { timeZone } = usePageTime(STILL);
  const asked = useUrlParams().get('source_type');
  const engine: EngineType = asked === 'opensearch' ? 'opensearch' : 'elasticsearch';
  const [typed, setTyped] = useState<SourceForm>(() => emptyForm(engine));
  const form = { ...typed, source_type: engine };
  const [problems, setProblems] = useState<InputProblems>({});
  const [failure, setFailure] = useState<{ error: ApiError; title: string } | null>(null);
  const [busy, setBusy] = useState<'preview' | 'add' | null>(null);
  const [previewed, setPreviewed] = useState<Previewed | null>(null);
  const shape = JSON.stringify({ ...sourceOfForm(form), name: '' });

  const run = (action: 'preview' | 'add') => {
    const found = formProblems(form, { name: action === 'add' });
    setProblems(found);
    setFailure(null);
    if (Object.keys(found).length > 0) {
      return;
    }
    setBusy(action);
    const done =
      action === 'preview'
        ? previewLogSource(previewOfForm(form)).then((preview) => setPreviewed({ of: shape, preview }))
        : addLogSource(sourceOfForm(form)).then(({ id }) => locationService.push(pagePaths.logSource(id)));
    done
      .catch((error: ApiError) => {
        const input = inputOfError(error);
        if (input) {
          setProblems({ [input]: error.detail || error.message });
        } else {
          setFailure({
            error,
            title: action === 'preview' ? 'Could not read the index' : 'The source was not added',
          });
        }
      })
      .finally(() => setBusy(null));
  };
  return (
    <div className={styles.page}>
      <PanelChrome title="Source">
        <SourceInputs form={form} problems={problems} onChange={setTyped} />
        {failure && <ErrorState error={failure.error} title={failure.title} />}
        <Stack direction="row" gap={1} wrap="wrap">
          <Button variant="secondary" icon="eye" disabled={busy !== null} onClick={() => run('preview')}>
            Preview
          </Button>
          <Button icon="plus" disabled={busy !== null} onClick={() => run('add')}>
            Add source
          </Button>
          <LinkButton variant="secondary" fill="text" href={pagePaths.logSources()}>
            Cancel
          </LinkButton>
        </Stack>
      </PanelChrome>
      {busy === 'preview' && <LoadingPlaceholder text="Reading sample documents" />}
      {previewed && busy !== 'preview' && (
        <PreviewPanel preview={previewed.preview} isOld={previewed.of !== shape} timeZone={timeZone} />
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
});
