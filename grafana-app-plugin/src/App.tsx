import { lazy } from 'react';
import { Navigate, Route, Routes } from 'react-router-dom';
import type { AppRootProps } from '@grafana/data';
import type { AppSettings } from './pages/config/app-settings.ts';
import { pagePaths, ROUTES } from './paths.ts';

const OverviewPage = lazy(() => import('./pages/overview/OverviewPage.tsx'));
const AnomaliesPage = lazy(() => import('./pages/anomalies/AnomaliesPage.tsx'));
const AnomalyPage = lazy(() => import('./pages/anomalies/AnomalyPage.tsx'));
const LogSourcesPage = lazy(() => import('./pages/log-sources/LogSourcesPage.tsx'));
const LogSourcePage = lazy(() => import('./pages/log-sources/LogSourcePage.tsx'));
const NewLogSourcePage = lazy(() => import('./pages/log-sources/NewLogSourcePage.tsx'));

export default function App(_props: AppRootProps<AppSettings>) {
  return (
    <Routes>
      <Route path={ROUTES.overview} element={<OverviewPage />} />
      <Route path={ROUTES.anomalies} element={<AnomaliesPage />} />
      <Route path={ROUTES.anomaly} element={<AnomalyPage />} />
      <Route path={ROUTES.logSources} element={<LogSourcesPage />} />
      <Route path={ROUTES.newLogSource} element={<NewLogSourcePage />} />
      <Route path={ROUTES.logSource} element={<LogSourcePage />} />
      <Route path="*" element={<Navigate to={pagePaths.overview()} replace />} />
    </Routes>
  );
}
