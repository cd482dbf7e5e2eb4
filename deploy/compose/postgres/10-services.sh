#!/bin/bash
# Run once, when the data folder is new, and by hand after an update from a release where one role did both:
#   docker compose exec postgres bash /docker-entrypoint-initdb.d/10-services.sh
# For each service one database and two roles: orders_owner, which owns the tables and migrates them, and orders, which
# runs, and may do no more than the migrate step grants it. No role may enter another's database. The passwords are
# those in the secrets. Harmless when all is there.
set -euo pipefail

password_in() {                                          # of postgresql+psycopg2://orders:password@postgres/orders
  local url credentials
  url=$(</run/secrets/$1)
  credentials=${url#*://}
  credentials=${credentials%%@*}
  echo "${credentials#*:}"
}

for service in orders logistics aftersales support; do
  SERVICE=$service PASSWORD=$(password_in ${service}_database_url) OWNERS=$(password_in ${service}_owner_url) \
    psql --quiet --no-psqlrc -U postgres -v ON_ERROR_STOP=1 -d postgres <<'SQL'
\getenv service SERVICE
\getenv password PASSWORD
\getenv owners OWNERS
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L CONNECTION LIMIT %s', name, secret, most)
  FROM (VALUES (:'service', :'password', 115), (:'service' || '_owner', :'owners', 5)) AS wanted (name, secret, most)
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'service', :'service' || '_owner')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"service";
SELECT format('ALTER DATABASE %I OWNER TO %I', :'service', :'service' || '_owner') \gexec
\connect :service
SELECT format('REASSIGN OWNED BY %I TO %I', :'service', :'service' || '_owner') \gexec
SQL
done
psql --quiet --no-psqlrc -U postgres -v ON_ERROR_STOP=1 -d postgres -c 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC'
