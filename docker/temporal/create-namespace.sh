#!/bin/sh
# Creates the namespace and Rollcall's search attributes where they are missing. Address and namespace come from
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.
set -eu

tries=0
until temporal operator cluster health; do
  tries=$((tries + 1))
  [ "$tries" -lt 30 ] || exit 1
  sleep 2
done

temporal operator namespace describe -n "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create -n "$TEMPORAL_NAMESPACE" --retention 30d

# A new namespace takes a few seconds until every part of the server knows it.
tries=0
until temporal operator search-attribute list >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 30 ] || exit 1
  sleep 2
done

temporal operator search-attribute create \
  --name SyncName --type Keyword \
  --name SyncMode --type Keyword \
  --name SyncOutcome --type Keyword \
  --name SyncRunId --type Keyword \
  --name ParkedCount --type Int \
  --name HeldCount --type Int
