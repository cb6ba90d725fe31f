import { SEVERITIES } from '../logstore/log-store.ts';
import { isoTime } from '../platform/http/time-range.ts';
import { mergedInto, NO_EDITS, type TemplateEdits } from './template-edits.ts';
import type { LogTemplate, LogTemplateView } from './template-schema.ts';

/** A template as the API shows it, with what people decided about it. */
export function templateView(template: LogTemplate, edits: TemplateEdits = NO_EDITS): LogTemplateView {
  const { canonical_id, severity_counts } = template;
  const counts = SEVERITIES.map((severity, rank) => [severity, severity_counts[rank] ?? 0]);
  return {
    ...template,
    canonical_id: mergedInto(edits, canonical_id),
    is_merged: edits.into.has(canonical_id),
    name: edits.names.get(canonical_id) ?? null,
    is_pinned: template.split_of !== null || edits.pinned.has(canonical_id),
    severity: SEVERITIES[severity_counts.indexOf(Math.max(...severity_counts))] ?? template.severity,
    severity_counts: Object.fromEntries(counts) as LogTemplateView['severity_counts'],
    first_seen_at: isoTime(template.first_seen_at),
    last_seen_at: isoTime(template.last_seen_at),
  };
}
