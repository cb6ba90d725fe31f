import { Badge, Tooltip } from '@grafana/ui';
import { sourceState } from './source-state.ts';

/** The state of a log source as a word with an icon; what it means on hover. */
export function SourceStateBadge({ source }: { source: Parameters<typeof sourceState>[0] }) {
  const { name, meaning, color, icon } = sourceState(source);
  return (
    <Tooltip content={meaning}>
      <span>
        <Badge text={name} color={color} icon={icon} />
      </span>
    </Tooltip>
  );
}
