#!/bin/bash
# Tries recovery to a moment out, on a PostgreSQL of its own in a folder of its own: base backup, archive of the
# write-ahead log, a row before and a row after the moment, recovery to it. docs/operations.md tells the same for a
# server. deploy/point-in-time.sh [FOLDER OF POSTGRESQL'S PROGRAMS]
set -euo pipefail

bin=${1:-$(ls -d /usr/lib/postgresql/*/bin | tail -1)}
if [ "$(id -u)" = 0 ]; then  # PostgreSQL refuses root
    exec runuser -u postgres -- bash "$0" "$bin"
fi
folder=$(mktemp -d /tmp/newsportal-pitr-XXXXXX)
port=${PITR_PORT:-8169}
trap '"$bin/pg_ctl" -D "$folder/new" -m immediate stop >/dev/null 2>&1 || true
      "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
      rm -rf "$folder"' EXIT
sql() { "$bin/psql" -h "$folder" -p "$port" -U postgres -qtAc "$1" postgres; }
cd "$folder"
mkdir -m 0700 archive

"$bin/initdb" -D data -U postgres --auth=trust >/dev/null
cat >>data/postgresql.conf <<END
listen_addresses = ''
unix_socket_directories = '$folder'
port = $port
archive_mode = on
archive_command = 'test ! -f $folder/archive/%f && cp %p $folder/archive/%f.part && mv $folder/archive/%f.part $folder/archive/%f'
archive_timeout = 60
END
"$bin/pg_ctl" -D data -l data.log -w start >/dev/null
"$bin/pg_basebackup" -h "$folder" -p "$port" -U postgres -D base --checkpoint=fast --wal-method=none >/dev/null 2>&1

sql "CREATE TABLE story (headline text, at timestamptz DEFAULT clock_timestamp())"
sql "INSERT INTO story SELECT 'Tin số ' || n FROM generate_series(1, 100000) AS n"
sql "INSERT INTO story VALUES ('Tin cuối cùng trước sự cố')"
moment=$(sql "SELECT clock_timestamp()")
sleep 1
sql "DELETE FROM story"  # the mistake
sql "INSERT INTO story VALUES ('Viết sau sự cố')"
sql "SELECT pg_switch_wal()" >/dev/null
for try in $(seq 100); do
    [ -n "$(sql "SELECT last_archived_wal FROM pg_stat_archiver WHERE last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 1)")" ] && break
    sleep 0.1
done
"$bin/pg_ctl" -D data -m immediate stop >/dev/null  # the machine is lost

started=$(date +%s%N)
cp -a base new
cat >>new/postgresql.conf <<END
restore_command = 'cp $folder/archive/%f %p'
recovery_target_time = '$moment'
recovery_target_action = promote
archive_mode = off
END
touch new/recovery.signal
"$bin/pg_ctl" -D new -l new.log -w start >/dev/null
until [ "$(sql "SELECT pg_is_in_recovery()")" = f ]; do sleep 0.1; done
milliseconds=$((($(date +%s%N) - started) / 1000000))

rows=$(sql "SELECT count(*) FROM story")
last=$(sql "SELECT headline FROM story ORDER BY at DESC LIMIT 1")
echo "PostgreSQL $("$bin/postgres" --version | grep -o '[0-9.]*' | head -1): back at $moment with $rows rows, the last “$last”, in $milliseconds ms"
[ "$rows" = 100001 ] && [ "$last" = "Tin cuối cùng trước sự cố" ]
