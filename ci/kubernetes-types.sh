#!/usr/bin/env bash
# ci/kubernetes-types.sh FILE   fails if kubectl's own types don't know a part of FILE
#
# `set env --local` reads a file into those types and writes it out again, without
# a server; what they don't know is dropped on the way. `label --local` keeps all.
set -euo pipefail

export KUBECONFIG=/dev/null
leaves='[paths(scalars) as $path | {path: ($path | map(tostring) | join(".")), value: getpath($path)}]'

all=$(kubectl label --local --filename "$1" --output json checked=yes | jq "$leaves")
known=$(kubectl set env --local --filename "$1" --output json CHECKED=yes | jq "$leaves")
lost=$(jq --null-input --raw-output --argjson all "$all" --argjson known "$known" \
  '$all - $known | .[] | select(.path != "metadata.labels.checked") | "\(.path): \(.value)"')
if [ -n "$lost" ]; then
  echo "$1: kubectl's types don't know:"
  echo "$lost"
  exit 1
fi
