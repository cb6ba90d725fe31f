import { apiPaths, pagePaths, settingsPath } from './paths.ts';

describe('URLs', () => {
  it('are these', () => {
    const id = '0192f000-0002-7000-8000-000000000001';
    expect({
      overview: pagePaths.overview(),
      overview_in_range: pagePaths.overview({ from: 'now-6h', to: 'now' }),
      anomalies: pagePaths.anomalies({ status: 'open', severity: '', from: undefined }),
      anomaly: pagePaths.anomaly(id, { from: '1', to: '2' }),
      log_sources: pagePaths.logSources({ status: 'blind' }),
      log_source: pagePaths.logSource(id),
      new_log_source: pagePaths.newLogSource(),
      configuration: pagePaths.configuration(),
      settings: settingsPath(),
      status: apiPaths.status(),
      session: apiPaths.session(),
      services: apiPaths.services(),
      api_anomalies: apiPaths.anomalies(),
      api_anomaly: apiPaths.anomaly(id),
      api_anomaly_lines: apiPaths.anomalyLines(id),
      feedback: apiPaths.feedback(),
      windows: apiPaths.windows(),
      explanation: apiPaths.windowExplanation('s.1.60'),
      swim_lane: apiPaths.swimLane(),
      changes: apiPaths.changes(),
      api_log_sources: apiPaths.logSources(),
      api_log_source: apiPaths.logSource(id),
      log_source_health: apiPaths.logSourceHealth(id),
      log_source_preview: apiPaths.logSourcePreview(),
    }).toMatchInlineSnapshot(`
      {
        "anomalies": "/a/seismolog-detector-app/anomalies?status=open",
        "anomaly": "/a/seismolog-detector-app/anomalies/0192f000-0002-7000-8000-000000000001?from=1&to=2",
        "api_anomalies": "/api/plugin-proxy/seismolog-detector-app/v1/anomalies",
        "api_anomaly": "/api/plugin-proxy/seismolog-detector-app/v1/anomalies/0192f000-0002-7000-8000-000000000001",
        "api_anomaly_lines": "/api/plugin-proxy/seismolog-detector-app/v1/anomalies/0192f000-0002-7000-8000-000000000001/lines",
        "api_log_source": "/api/plugin-proxy/seismolog-detector-app/v1/log-sources/0192f000-0002-7000-8000-000000000001",
        "api_log_sources": "/api/plugin-proxy/seismolog-detector-app/v1/log-sources",
        "changes": "/api/plugin-proxy/seismolog-detector-app/v1/changes",
        "configuration": "/plugins/seismolog-detector-app",
        "explanation": "/api/plugin-proxy/seismolog-detector-app/v1/windows/s.1.60/explanation",
        "feedback": "/api/plugin-proxy/seismolog-detector-app/v1/feedback",
        "log_source": "/a/seismolog-detector-app/log-sources/0192f000-0002-7000-8000-000000000001",
        "log_source_health": "/api/plugin-proxy/seismolog-detector-app/v1/log-sources/0192f000-0002-7000-8000-000000000001/health",
        "log_source_preview": "/api/plugin-proxy/seismolog-detector-app/v1/log-sources/preview",
        "log_sources": "/a/seismolog-detector-app/log-sources?status=blind",
        "new_log_source": "/a/seismolog-detector-app/log-sources/new",
        "overview": "/a/seismolog-detector-app/overview",
        "overview_in_range": "/a/seismolog-detector-app/overview?from=now-6h&to=now",
        "services": "/api/plugin-proxy/seismolog-detector-app/v1/services",
        "session": "/api/plugin-proxy/seismolog-detector-app/v1/session",
        "settings": "/api/plugins/seismolog-detector-app/settings",
        "status": "/api/plugin-proxy/seismolog-detector-app/v1/status",
        "swim_lane": "/api/plugin-proxy/seismolog-detector-app/v1/windows/swim-lane",
        "windows": "/api/plugin-proxy/seismolog-detector-app/v1/windows",
      }
    `);
  });

  it('keep an id that is no id inside its segment', () => {
    expect(pagePaths.anomaly('../x?y')).toBe('/a/seismolog-detector-app/anomalies/..%2Fx%3Fy');
    expect(apiPaths.anomaly('a/b')).toBe('/api/plugin-proxy/seismolog-detector-app/v1/anomalies/a%2Fb');
  });
});
