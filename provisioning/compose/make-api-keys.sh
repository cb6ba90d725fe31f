#!/bin/bash
# One-shot, in the Elasticsearch image: an API key for each client and a user for a Logstash elsewhere, each with the rights of
# its role file and no others. May run at every start: a key that still works and whose rights are still the same stays.
set -euo pipefail
url=${ELASTICSEARCH_URL:-https://elasticsearch:9200}
authority=${CA_FILE:-/certificates/ca/ca.crt}
roles=${ROLES_DIR:-/roles}
keys=${KEYS_DIR:-/keys}

# Credentials go through standard input: arguments are seen by every process of the machine.
elastic() {
  printf 'user = "elastic:%s"\n' "$ELASTIC_PASSWORD" |
    curl -sS --fail-with-body --cacert "$authority" -K - -H 'Content-Type: application/json' "$@"
}
works() {
  printf 'header = "Authorization: ApiKey %s"\n' "$1" |
    curl -sS -f -o /dev/null --cacert "$authority" -K - "$url/_security/_authenticate" 2>/dev/null
}
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

# Index patterns of SEISMOLOG_READABLE_INDICES (tenant=pattern,pattern;…), as a list of JSON strings.
readable() {
  printf '%s' "${SEISMOLOG_READABLE_INDICES:-}" | tr ';' '\n' | sed 's/^[^=]*=//' | tr ',' '\n' |
    sed 's/^[[:space:]]*//; s/[[:space:]]*$//; /^$/d; s/.*/"&"/' | paste -sd, -
}

# make CLIENT FORM ROLE…: FORM is `encoded` (one text, for headers) or `pair` (id:key, for Logstash).
make() {
  local client=$1 form=$2 descriptors='' role answer encoded shown
  shift 2
  for role in "$@"; do descriptors+="${descriptors:+,}\"$role\":$(<"$roles/$role.json")"; done
  if [ "$client" = detector ] && [ -n "$(readable)" ]; then
    descriptors+=",\"readable\":{\"indices\":[{\"names\":[$(readable)],\"privileges\":[\"read\",\"view_index_metadata\"]}]}"
  fi
  local request="{\"name\":\"seismolog-$client\",\"role_descriptors\":{$descriptors}}"
  local kept=$keys/$client/.elasticsearch
  if [ "$(cat "$kept.request" 2>/dev/null || true)" = "$request" ] && works "$(cat "$kept.encoded" 2>/dev/null)"; then
    echo "$client: its API key is still valid"
    return
  fi
  elastic -o /dev/null -X DELETE "$url/_security/api_key" -d "{\"name\":\"seismolog-$client\"}" 2>/dev/null || true
  answer=$(elastic -X POST "$url/_security/api_key" -d "$request") || { echo "$client: $answer" >&2; exit 1; }
  encoded=$(field encoded <<<"$answer")
  [ -n "$encoded" ] || { echo "$client: no API key in the answer of Elasticsearch" >&2; exit 1; }
  shown=$encoded
  [ "$form" = encoded ] || shown="$(field id <<<"$answer"):$(field api_key <<<"$answer")"
  printf '%s\n' "$shown" >"$keys/$client/elasticsearch-api-key"
  printf '%s' "$encoded" >"$kept.encoded"
  printf '%s' "$request" >"$kept.request"
  chmod 640 "$keys/$client/elasticsearch-api-key"
  chmod 600 "$kept".*
  # Seismolog and Logstash run as user 1000, Grafana in group 0.
  [ "$(id -u)" != 0 ] || chown 1000:0 "$keys/$client/elasticsearch-api-key"
  echo "$client: made an API key"
}

make detector encoded log-store
make admin encoded installer
make grafana encoded reader
make logstash pair writer

# put PLACE FILE
put() {
  local answer
  answer=$(elastic -X PUT "$url/_security/$1" -d @"$2") || { echo "$1: $answer" >&2; exit 1; }
}
# For LOGSTASH_ELASTICSEARCH=password; its password is that of .env at every start.
put role/seismolog_writer "$roles/writer.json"
put user/logstash_writer <(printf '{"password":"%s","roles":["seismolog_writer"]}' "$LOGSTASH_ELASTICSEARCH_PASSWORD")
echo 'logstash_writer: a user with the role seismolog_writer'
