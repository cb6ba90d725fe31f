#!/bin/bash
# Starts Logstash with the API keys of its volume: its configuration takes them from the environment only.
set -euo pipefail
keys=${KEYS_DIR:-/run/keys}
LOGSTASH_ELASTICSEARCH_API_KEY=$(<"$keys/elasticsearch-api-key")
LOGSTASH_PUSH_API_KEY=$(<"$keys/seismolog-api-key")
export LOGSTASH_ELASTICSEARCH_API_KEY LOGSTASH_PUSH_API_KEY
exec "${LOGSTASH_ENTRYPOINT:-/usr/local/bin/docker-entrypoint}"
