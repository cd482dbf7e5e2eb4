#!/bin/bash
# Run once, when the data folder is new: one database and one role for each service. No role may enter another's
# database; each has the name of its service, and the password that is in its service's secret.
set -euo pipefail

for service in orders logistics aftersales support; do
  url=$(</run/secrets/${service}_database_url)            # postgresql+psycopg2://orders:password@postgres/orders
  credentials=${url#*://}
  credentials=${credentials%%@*}
  SERVICE=$service PASSWORD=${credentials#*:} psql --quiet --no-psqlrc -v ON_ERROR_STOP=1 -d postgres <<'SQL'
\getenv service SERVICE
\getenv password PASSWORD
CREATE ROLE :"service" LOGIN PASSWORD :'password' CONNECTION LIMIT 250;
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
psql --quiet --no-psqlrc -v ON_ERROR_STOP=1 -d postgres -c 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC'
