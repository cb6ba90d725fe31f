-- How long log lines are kept may differ by tenant.

alter table tenants
  -- Null: as long as the installation keeps them (SEISMOLOG_LOG_RETENTION_DAYS).
  add column log_retention_days smallint check (log_retention_days between 1 and 90);
grant select (log_retention_days) on tenants to seismolog_sweeper;
grant update (log_retention_days) on tenants to seismolog_app;

-- Lines of a tenant whose term is over, in a day that another tenant still keeps.
grant delete on embedded_logs to seismolog_app;
