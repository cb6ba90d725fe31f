import type { Incident } from './shop-incidents.ts';

/** What the report needs of an anomaly; times are epoch ms of log time. Withdrawn ones count: people were told of them. */
export interface JudgedAnomaly {
  service: string;
  started_at: number;
  opened_at: number;
}

export interface IncidentResult extends Incident {
  found: boolean;
  /** Seconds of log time from the start of the incident to the first anomaly that opened for it; null when missed. */
  delay_seconds: number | null;
}

export interface CheckReport {
  incidents: number;
  incidents_found: number;
  /** Anomalies that belong to no incident; one on a service that was well is false even while another is ill. */
  false_anomalies: number;
  details: IncidentResult[];
}

const BEFORE_MS = 10_000;
const AFTER_MS = 60_000;

const within = (at: number, incident: Incident): boolean =>
  at >= incident.started_at - BEFORE_MS && at <= incident.ended_at + AFTER_MS;

const belongs = (anomaly: JudgedAnomaly, incident: Incident): boolean =>
  anomaly.service === incident.service &&
  (within(anomaly.opened_at, incident) || within(anomaly.started_at, incident));

/** Compares anomalies with the ground truth. Several anomalies of one incident find it once and are not false. */
export function checkReport(
  incidents: readonly Incident[],
  anomalies: readonly JudgedAnomaly[],
): CheckReport {
  const details = incidents.map((incident): IncidentResult => {
    const opened = anomalies
      .filter((anomaly) => belongs(anomaly, incident))
      .map((anomaly) => anomaly.opened_at);
    if (opened.length === 0) return { ...incident, found: false, delay_seconds: null };
    return { ...incident, found: true, delay_seconds: (Math.min(...opened) - incident.started_at) / 1000 };
  });
  const isFalse = (anomaly: JudgedAnomaly): boolean =>
    !incidents.some((incident) => belongs(anomaly, incident));
  return {
    incidents: incidents.length,
    incidents_found: details.filter((detail) => detail.found).length,
    false_anomalies: anomalies.filter(isFalse).length,
    details,
  };
}
