#!/bin/sh
# Asks a running stack of the default profile whether its parts know each other: ./provisioning/compose/check-stack.sh
set -eu
cd "$(dirname "$0")/../.."
value() { sed -n "s/^$1=//p" .env; }
say() { echo "ok: $1"; }
fail() {
  echo "failed: $1" >&2
  exit 1
}
# ask SECONDS DESCRIPTION COMMAND…: tries until it succeeds.
ask() {
  left=$1 what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    left=$((left - 2))
    [ "$left" -gt 0 ] || fail "$what"
    sleep 2
  done
  say "$what"
}

api=http://127.0.0.1:$(value API_PORT)
grafana=http://admin:$(value GRAFANA_ADMIN_PASSWORD)@127.0.0.1:$(value GRAFANA_PORT)
logstash=http://$(value LOGSTASH_HTTP_USERNAME):$(value LOGSTASH_HTTP_PASSWORD)@127.0.0.1:$(value LOGSTASH_HTTP_PORT)
key=$(docker compose run --rm --no-deps -T migrate cat /keys/admin/seismolog-api-key)
slug=$(value SEISMOLOG_TENANT_SLUG)
mark=check-$(date +%s)
line() { printf '[{"message":"check of the stack","service":"%s","severity":"info"}]' "$mark-$1"; }
# Through Grafana: its key, its certificate, its data source.
found() {
  printf '{"queries":[{"refId":"A","datasource":{"uid":"seismolog-logs","type":"elasticsearch"},"query":"service:\\"%s\\"","timeField":"@timestamp","metrics":[{"id":"1","type":"raw_data"}],"bucketAggs":[]}],"from":"now-1h","to":"now+1h"}' "$1" |
    curl -fsS -H 'content-type: application/json' -d @- "$grafana/api/ds/query" | grep -q 'check of the stack'
}
has_service() { curl -fsS -H "authorization: Bearer $key" "$api/api/v1/services?limit=500" | grep -q "$1"; }

ask 60 'the api is ready' curl -fsS "$api/health/ready"
ask 10 "the api takes lines of tenant $slug" sh -c \
  "printf '%s' '$(line api)' | curl -fsS -H 'authorization: Bearer $key' -H 'content-type: application/json' -d @- $api/api/v1/logs"
ask 30 'Elasticsearch has them' found "$mark-api"
ask 60 'Logstash takes lines' sh -c "printf '%s' '$(line logstash)' | curl -fsS -H 'content-type: application/json' -d @- $logstash"
ask 60 'Elasticsearch has these, too' found "$mark-logstash"
ask 120 'the worker reads what Logstash wrote' has_service "$mark-logstash"
ask 30 'Grafana reaches the API through the app' \
  curl -fsS "$grafana/api/plugin-proxy/seismolog-detector-app/v1/status"
