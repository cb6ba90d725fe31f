#!/bin/bash
# One-shot, in the Elasticsearch image: the authority and the certificate of Elasticsearch's HTTP and transport layer, made
# once, and a copy of the authority's certificate (which is public) for each client.
set -euo pipefail
certificates=${CERTIFICATES_DIR:-/certificates}
keys=${KEYS_DIR:-/keys}

if [ ! -s "$certificates/elasticsearch/elasticsearch.key" ]; then
  # A start that was cut off left half of it: begin anew.
  rm -rf "${certificates:?}"/*
  cd /tmp
  rm -rf ca.zip node.zip
  elasticsearch-certutil ca --silent --pem --days 3650 --out /tmp/ca.zip
  unzip -q /tmp/ca.zip -d "$certificates"
  elasticsearch-certutil cert --silent --pem --days 3650 --out /tmp/node.zip --name elasticsearch \
    --dns elasticsearch --dns localhost --ip 127.0.0.1 \
    --ca-cert "$certificates/ca/ca.crt" --ca-key "$certificates/ca/ca.key"
  unzip -q /tmp/node.zip -d "$certificates"
fi
chown -R root:root "$certificates"
chmod -R u=rwX,g=rX,o= "$certificates"
# Elasticsearch runs as user 1000 of group 0.
chmod 600 "$certificates/ca/ca.key"

for client in detector admin grafana logstash; do
  # The programs run as user 1000 (Seismolog, Logstash) or 472 of group 0 (Grafana); the bit keeps new files in group 0.
  chown 1000:0 "$keys/$client"
  chmod 2750 "$keys/$client"
  install -o 1000 -g 0 -m 640 "$certificates/ca/ca.crt" "$keys/$client/ca.crt"
done
