#!/bin/sh
# Rollcall's own user and database beside Temporal's.
set -eu

psql -v ON_ERROR_STOP=1 -v password="$ROLLCALL_DB_PASSWORD" -U "$POSTGRES_USER" -d postgres <<'SQL'
CREATE ROLE rollcall LOGIN PASSWORD :'password';
CREATE DATABASE rollcall OWNER rollcall;
SQL
