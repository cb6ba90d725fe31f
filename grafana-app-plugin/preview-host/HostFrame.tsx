import { useEffect, useState, type ReactNode } from 'react';
import { css } from '@emotion/css';
import { useLocation } from 'react-router-dom';
import { AppEvents, type AppPluginMeta, type EventBusSrv, type GrafanaTheme2 } from '@grafana/data';
import type { PluginPageProps } from '@grafana/runtime';
import { Alert, Button, Icon, TextLink, useStyles2, useTheme2 } from '@grafana/ui';

interface Props {
  meta: AppPluginMeta;
  events: EventBusSrv;
  onToggleTheme: () => void;
  children: ReactNode;
}

/** Bar with the pages of the plugin; says that this is not Grafana. */
export function HostFrame({ meta, events, onToggleTheme, children }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const { pathname } = useLocation();
  const pages = (meta.includes ?? []).filter(({ addToNav, path }) => addToNav && path?.startsWith('/a/'));
  return (
    <div className={styles.frame}>
      <header className={styles.bar}>
        <img src={meta.info.logos.small} alt="" width={24} height={24} />
        <strong className={styles.name}>{meta.name}</strong>
        <nav className={styles.nav} aria-label="Pages">
          {pages.map(({ name, path = '' }) => (
            <a key={path} href={path} aria-current={pathname.startsWith(path) ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <span className={styles.notice}>
          <Icon name="info-circle" size="sm" /> Preview host, not Grafana
        </span>
        <Button size="sm" variant="secondary" fill="outline" onClick={onToggleTheme}>
          {theme.isDark ? 'Light theme' : 'Dark theme'}
        </Button>
      </header>
      {children}
      <Toasts events={events} />
    </div>
  );
}

/** Stands in for Grafana's page frame: breadcrumbs, title, actions. */
export function HostPage({ pageNav, renderTitle, subTitle, actions, children }: PluginPageProps) {
  const styles = useStyles2(getStyles);
  const title = pageNav?.text ?? '';
  const parent = pageNav?.parentItem;
  useEffect(() => {
    document.title = [title, 'Seismolog preview'].filter(Boolean).join(' - ');
  }, [title]);
  return (
    <main className={styles.page}>
      {parent && (
        <div className={styles.crumbs}>
          <TextLink inline={false} color="secondary" href={parent.url ?? '/'}>
            {parent.text}
          </TextLink>
          <Icon name="angle-right" />
          <span>{title}</span>
        </div>
      )}
      <div className={styles.head}>
        <div className={styles.title}>{renderTitle ? renderTitle(title) : <h1>{title}</h1>}</div>
        <div>{actions}</div>
      </div>
      {subTitle && <div className={styles.subTitle}>{subTitle}</div>}
      {children}
    </main>
  );
}

interface Toast {
  id: number;
  severity: 'error' | 'warning' | 'success';
  text: string;
}

const TOAST_EVENTS = [
  { event: AppEvents.alertError, severity: 'error' },
  { event: AppEvents.alertWarning, severity: 'warning' },
  { event: AppEvents.alertSuccess, severity: 'success' },
] as const;
const TOAST_MS = 5000;

function Toasts({ events }: { events: EventBusSrv }) {
  const styles = useStyles2(getStyles);
  const [toasts, setToasts] = useState<Toast[]>([]);
  useEffect(() => {
    let count = 0;
    for (const { event, severity } of TOAST_EVENTS) {
      events.on(event, (payload?: readonly (string | Error | undefined)[]) => {
        count += 1;
        const toast = { id: count, severity, text: (payload ?? []).filter(Boolean).join(': ') };
        setToasts((shown) => [...shown, toast]);
        setTimeout(() => setToasts((shown) => shown.filter(({ id }) => id !== toast.id)), TOAST_MS);
      });
    }
    return () => events.removeAllListeners();
  }, [events]);
  return (
    <div className={styles.toasts} aria-live="polite">
      {toasts.map(({ id, severity, text }) => (
        <Alert key={id} severity={severity} title={text} elevated />
      ))}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({ minHeight: '100vh', background: theme.colors.background.canvas }),
  bar: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1.5),
    height: 44,
    padding: theme.spacing(0, 2),
    background: theme.colors.background.primary,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    position: 'sticky',
    top: 0,
    zIndex: theme.zIndex.navbarFixed,
  }),
  name: css({ fontWeight: theme.typography.fontWeightMedium }),
  nav: css({
    display: 'flex',
    alignSelf: 'stretch',
    flex: 1,
    a: {
      display: 'flex',
      alignItems: 'center',
      padding: theme.spacing(0, 1.5),
      color: theme.colors.text.secondary,
      borderBottom: '2px solid transparent',
      '&[aria-current]': { color: theme.colors.text.primary, borderBottomColor: theme.colors.primary.main },
    },
  }),
  notice: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    padding: theme.spacing(0.25, 1),
    borderRadius: theme.shape.radius.pill,
    background: theme.colors.warning.transparent,
    color: theme.colors.warning.text,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'nowrap',
  }),
  page: css({ padding: theme.spacing(2) }),
  crumbs: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    paddingBottom: theme.spacing(0.5),
  }),
  head: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'flex-start',
    justifyContent: 'space-between',
    gap: theme.spacing(1, 3),
    paddingBottom: theme.spacing(1.5),
  }),
  title: css({ flex: '1 1 480px', h1: { margin: 0, fontSize: theme.typography.h3.fontSize } }),
  subTitle: css({ paddingBottom: theme.spacing(1.5), color: theme.colors.text.secondary }),
  toasts: css({ position: 'fixed', top: 56, right: 16, width: 400, zIndex: theme.zIndex.portal }),
});
