import { useState, type ChangeEvent } from 'react';
import { lastValueFrom } from 'rxjs';
import type { AppPluginMeta, PluginConfigPageProps } from '@grafana/data';
import { getBackendSrv } from '@grafana/runtime';
import { Alert, Button, Field, FieldSet, Input, SecretInput, Stack } from '@grafana/ui';
import { toApiError, type ApiError } from '../../api/client.ts';
import { fetchSession } from '../../api/session.ts';
import { fetchStatus } from '../../api/status.ts';
import type { Session, Status } from '../../api/types.ts';
import { ErrorState } from '../../components/ErrorState.tsx';
import { settingsPath } from '../../paths.ts';
import type { AppSettings } from './app-settings.ts';

type Meta = AppPluginMeta<AppSettings>;

/** Without the trailing slash, which would make `//` in the URL of the proxy. */
const normalizeUrl = (url: string): string => url.trim().replace(/\/+$/, '');

const isUrl = (url: string): boolean => /^https?:\/\/[^\s/]+/.test(url);

export default function ConfigPage({ plugin }: PluginConfigPageProps<Meta>) {
  const { enabled = false, pinned = false, jsonData, secureJsonFields } = plugin.meta;
  const [apiUrl, setApiUrl] = useState(jsonData?.apiUrl ?? '');
  const [apiKey, setApiKey] = useState('');
  const [hasKey, setHasKey] = useState(Boolean(secureJsonFields?.apiKey));
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const isValid = isUrl(apiUrl) && (hasKey || apiKey !== '');

  const save = () => {
    setSaving(true);
    setError(null);
    // Grafana replaces jsonData as a whole and merges secrets, so a key that did not change is not sent.
    const settings = {
      enabled,
      pinned,
      jsonData: { ...jsonData, apiUrl: normalizeUrl(apiUrl) },
      ...(apiKey && { secureJsonData: { apiKey } }),
    };
    lastValueFrom(
      getBackendSrv().fetch({ url: settingsPath(), method: 'POST', data: settings, showErrorAlert: false }),
    )
      // The settings of the running page are those it was loaded with.
      .then(() => window.location.reload())
      .catch((reason: unknown) => setError(toApiError(reason)))
      .finally(() => setSaving(false));
  };
  return (
    <Stack direction="column" gap={2}>
      {!enabled && (
        <Alert severity="info" title="The app is not enabled yet">
          Enable it above, then save the address of the detector and a key of it.
        </Alert>
      )}
      <FieldSet label="Detector">
        <Field
          label="API URL"
          description="Where Grafana's server reaches the detector, without a path"
          invalid={apiUrl !== '' && !isUrl(apiUrl)}
          error="Begin with http:// or https://"
        >
          <Input
            id="config-api-url"
            width={60}
            value={apiUrl}
            placeholder="http://detector:3100"
            onChange={(event: ChangeEvent<HTMLInputElement>) => setApiUrl(event.target.value)}
          />
        </Field>
        <Field label="API key" description="Stored encrypted by Grafana; it never reaches the browser again">
          <SecretInput
            id="config-api-key"
            width={60}
            value={apiKey}
            isConfigured={hasKey}
            placeholder="Key of the detector"
            onChange={(event: ChangeEvent<HTMLInputElement>) => setApiKey(event.target.value)}
            onReset={() => setHasKey(false)}
          />
        </Field>
        {error && <ErrorState error={error} title="Could not save the settings" />}
        <Button disabled={!isValid || isSaving} onClick={save}>
          Save settings
        </Button>
      </FieldSet>
      <ConnectionTest />
    </Stack>
  );
}

type TestResult = { status: Status; session: Session } | ApiError;

/** Calls the detector through Grafana's proxy with the saved settings. */
function ConnectionTest() {
  const [result, setResult] = useState<TestResult | null>(null);
  const [isTesting, setTesting] = useState(false);
  const test = () => {
    setTesting(true);
    Promise.all([fetchStatus(), fetchSession()])
      .then(([status, session]) => setResult({ status, session }))
      .catch((error: ApiError) => setResult(error))
      .finally(() => setTesting(false));
  };
  return (
    <FieldSet label="Connection">
      <Stack direction="column" gap={1} alignItems="flex-start">
        <Button variant="secondary" icon={isTesting ? 'spinner' : 'plug'} disabled={isTesting} onClick={test}>
          Test connection
        </Button>
        {result instanceof Error && <ErrorState error={result} what="the state of the detector" />}
        {result && !(result instanceof Error) && (
          <Alert severity="success" title={`Connected to tenant ${result.session.tenant.name}`}>
            {result.status.services.total} services, {result.status.sources.length} log sources,{' '}
            {result.status.open_anomalies} open anomalies. You act as {result.session.actor}.
          </Alert>
        )}
      </Stack>
    </FieldSet>
  );
}
