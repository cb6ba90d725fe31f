import { useState } from 'react';
import { Button, ConfirmModal } from '@grafana/ui';
import type { ApiError } from '../../api/client.ts';
import type { LogSource } from '../../api/log-source-types.ts';
import { setLogSourceEnabled } from '../../api/log-sources.ts';
import { isPermitted, useSession } from '../../api/session.ts';

interface Props {
  source: LogSource;
  onChanged: () => void;
  /** Gets the error of a change that failed, and null at the next try. */
  onError: (error: ApiError | null) => void;
}

/** Starts and stops reading a source; stopping asks first. */
export function EnableSwitch({ source, onChanged, onError }: Props) {
  const session = useSession();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const set = (is_enabled: boolean) => {
    setAsking(false);
    setBusy(true);
    onError(null);
    setLogSourceEnabled(source.id, is_enabled)
      .then(onChanged)
      .catch(onError)
      .finally(() => setBusy(false));
  };
  if (session.data && !isPermitted(session.data, 'log-sources:write')) {
    return null;
  }
  return (
    <>
      {source.is_enabled ? (
        <Button
          variant="destructive"
          fill="outline"
          icon="pause"
          disabled={isBusy}
          onClick={() => setAsking(true)}
        >
          Disable
        </Button>
      ) : (
        <Button icon="play" disabled={isBusy} onClick={() => set(true)}>
          Enable
        </Button>
      )}
      <ConfirmModal
        isOpen={isAsking}
        title={`Disable ${source.name}`}
        body="Its lines are not read while it is disabled, and services that have no other source are not judged."
        confirmText="Disable"
        onConfirm={() => set(false)}
        onDismiss={() => setAsking(false)}
      />
    </>
  );
}
