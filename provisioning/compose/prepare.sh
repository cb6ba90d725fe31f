#!/bin/sh
# One-shot, in the image of the backend: schema, first tenant with its API keys, index templates. May run at every start.
set -eu
keys=${KEYS_DIR:-/keys}
seismolog() { node --import tsx detector-backend/src/cli.ts "$@"; }

seismolog migrate
seismolog create-tenant --slug "$SEISMOLOG_TENANT_SLUG" --name "$SEISMOLOG_TENANT_NAME" \
  --key-file "$keys/admin/seismolog-api-key" \
  --grafana-key-file "$keys/grafana/seismolog-api-key" \
  --ingest-key-file "$keys/logstash/seismolog-api-key"
# Grafana runs as another user of the folder's group.
chmod 640 "$keys/grafana/seismolog-api-key" "$keys/logstash/seismolog-api-key"
seismolog install-index-templates
# Without Elasticsearch nobody made these, and Grafana does not start without the files that its provisioning names.
for file in ca.crt elasticsearch-api-key; do
  [ -e "$keys/grafana/$file" ] || printf 'none\n' >"$keys/grafana/$file"
  chmod 640 "$keys/grafana/$file" 2>/dev/null || true
done
