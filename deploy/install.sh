#!/bin/bash
# Installs the portal on Debian 12 or 13, or brings an installed one to this release. Run it as root, as often as you
# like: what is there already is left as it is, your settings and certificates above all.
#
#   deploy/install.sh tin.example.vn
#   deploy/install.sh              # asks for the host name, or takes that of the installation
#   DRY_RUN=1 deploy/install.sh tin.example.vn    # only prints the commands
#
# Everything of the portal is in: /opt/newsportal (programs), /etc/newsportal (settings, certificate),
# /var/lib/newsportal (photos and the like), /var/backups/newsportal, /var/log/newsportal.
set -euo pipefail

source=$(cd "$(dirname "$0")/.." && pwd)
settings=/etc/newsportal/environment
python=${PYTHON:-python3}

step() { printf '\n== %s\n' "$*"; }
run() {
    printf '   %s\n' "$*"
    [ -n "${DRY_RUN:-}" ] || "$@"
}
as_site() { run runuser -u newsportal -- "$@"; }
write() { # FILE MODE OWNER: standard input becomes the file
    printf '   write %s\n' "$1"
    if [ -n "${DRY_RUN:-}" ]; then cat >/dev/null; return; fi
    install -m "$2" -o "${3%:*}" -g "${3#*:}" /dev/null "$1.new"
    cat >"$1.new"
    mv "$1.new" "$1"
}
nginx_files() { find /etc/nginx -type f -exec sha256sum {} + 2>/dev/null | sort; }
nginx_loaded=/run/newsportal-nginx-loaded  # the files nginx runs with, as of its last start or reload by this script
has_systemd() { [ -d /run/systemd/system ]; }
service_do() { # ACTION NAME, by systemd or, in a container, by the old way
    if has_systemd; then run systemctl "$1" "$2"; else run service "$2" "$1"; fi
}

[ "$(id -u)" = 0 ] || { echo "Run this as root: sudo $0"; exit 1; }
. /etc/os-release
[ "$ID" = debian ] && [ "$VERSION_ID" -ge 12 ] || { echo "This script is for Debian 12 and 13."; exit 1; }

host=${1:-}
if [ -z "$host" ] && [ -f "$settings" ]; then host=$(sed -n 's/^ALLOWED_HOSTS=\([^,]*\).*/\1/p' "$settings"); fi
if [ -z "$host" ]; then read -rp "Host name that readers will use, such as tin.example.vn: " host; fi
[[ $host =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$ ]] || { echo "“$host” is no host name."; exit 1; }
cd /  # programs that run as another user may not be where root is
release=$(git -c safe.directory="$source" -C "$source" log -1 --format=%cd-%h --date=format:%Y%m%d 2>/dev/null || date +%Y%m%d-%H%M%S)

step "1. Programs of Debian"
run apt-get update -qq
packages=(ca-certificates curl git logrotate make nginx openssl postgresql python3 python3-venv)
for module in brotli-filter brotli-static; do
    if apt-cache show "libnginx-mod-http-$module" >/dev/null 2>&1; then packages+=("libnginx-mod-http-$module"); fi
done
run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-upgrade "${packages[@]}"

step "2. The user the site runs as, without a password and without a shell"
if ! getent passwd newsportal >/dev/null; then
    run useradd --system --user-group --home-dir /var/lib/newsportal --shell /usr/sbin/nologin newsportal
fi
# nginx reads photos and reaches the site's socket by the group; nobody else does.
run usermod --append --groups newsportal www-data

step "3. Folders"
run install -d -m 0755 -o root -g root /opt/newsportal /usr/local/share/newsportal/pages
run install -d -m 0750 -o root -g newsportal /etc/newsportal
run install -d -m 0700 -o root -g root /etc/newsportal/tls
run install -d -m 0750 -o newsportal -g newsportal /var/lib/newsportal
run install -d -m 0700 -o newsportal -g newsportal /var/backups/newsportal
# Root opens the logs in it, so nobody else may put a link there.
run install -d -m 0750 -o root -g www-data /var/log/newsportal

step "4. Database: a role without a password, which only the user newsportal of this machine can be"
if ! pg_lsclusters -h 2>/dev/null | grep -q online; then service_do start postgresql; fi
if [ -n "${DRY_RUN:-}" ] || ! runuser -u postgres -- psql -qtAc "SELECT 1 FROM pg_roles WHERE rolname = 'newsportal'" | grep -q 1; then
    run runuser -u postgres -- psql -qc "CREATE ROLE newsportal LOGIN"
fi
if [ -n "${DRY_RUN:-}" ] || ! runuser -u postgres -- psql -qtAc "SELECT 1 FROM pg_database WHERE datname = 'newsportal'" | grep -q 1; then
    run runuser -u postgres -- psql -qc "CREATE DATABASE newsportal OWNER newsportal ENCODING 'UTF8' TEMPLATE template0"
fi

step "5. Settings: $settings"
if [ -f "$settings" ]; then
    echo "   is there and stays as it is"
    run chown root:root "$settings"
    run chmod 0600 "$settings"
else
    key=$([ -n "${DRY_RUN:-}" ] || openssl rand -base64 48)
    write "$settings" 0600 root:root <<END  # systemd and the command newsportal read it as root
# Settings of the portal; docs/operations.md has them all. After a change: systemctl restart 'newsportal@*'
# SECRET_KEY is needed to restore a backup: keep a copy of this file in a safe place.
SECRET_KEY=$key
ALLOWED_HOSTS=$host
SITE_URL=https://$host
HTTPS=1
TRUSTED_PROXIES=unix
DATABASE_URL=postgres://newsportal@//run/postgresql/newsportal
DATA_DIR=/var/lib/newsportal
BACKUP_DIR=/var/backups/newsportal
WEB_WORKERS=$(nproc)
# MAIL_FROM=toasoan@$host
# EMAIL_URL=smtp+tls://USER:PASSWORD@HOST:587
END
fi

step "6. Certificate"
if [ -e /etc/newsportal/tls/fullchain.pem ]; then
    echo "   is there and stays as it is"
else
    run openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj "/CN=$host" -addext "subjectAltName=DNS:$host" \
        -keyout /etc/newsportal/tls/privkey.pem -out /etc/newsportal/tls/fullchain.pem
    echo "   signed by itself, to begin with. A real one, once the name leads here: apt-get install certbot, then"
    echo "   certbot certonly --webroot --webroot-path /var/www/html -d $host --deploy-hook 'systemctl reload nginx'"
    echo "   ln -sf /etc/letsencrypt/live/$host/{fullchain,privkey}.pem /etc/newsportal/tls/"
fi

step "7. nginx"
run install -d -m 0755 /etc/nginx/newsportal /var/www/html
run install -m 0644 "$source/deploy/nginx/proxy.conf" /etc/nginx/newsportal/
preload=
if grep -qiE '^HSTS_PRELOAD="?(0|false|off|no|n)"?$' "$settings" 2>/dev/null; then preload='s/; preload"/"/'; fi
sed "$preload" "$source/deploy/nginx/headers.conf" | write /etc/nginx/newsportal/headers.conf 0644 root:root
run install -m 0644 "$source"/deploy/pages/*.html /usr/local/share/newsportal/pages/
sed "s/HOST_NAME/$host/g; $preload" "$source/deploy/nginx/newsportal.conf" | write /etc/nginx/conf.d/newsportal.conf 0644 root:root
if grep -q '^VISITS_LOG=.' "$settings" 2>/dev/null; then  # nginx keeps pages for the rest of a second
    run install -d -m 0755 /etc/nginx/newsportal/kept
    run install -m 0644 "$source/deploy/nginx/kept-pages-location.conf" /etc/nginx/newsportal/kept/
    run install -m 0644 "$source/deploy/nginx/kept-pages.conf" /etc/nginx/conf.d/newsportal-kept-pages.conf
    run install -m 0644 "$source/deploy/tmpfiles/newsportal-views.conf" /etc/tmpfiles.d/
    run systemd-tmpfiles --create /etc/tmpfiles.d/newsportal-views.conf
else
    run rm -rf /etc/nginx/newsportal/kept /etc/nginx/conf.d/newsportal-kept-pages.conf /etc/tmpfiles.d/newsportal-views.conf
fi
if [ -e /etc/nginx/modules-enabled/50-mod-http-brotli-filter.conf ]; then
    write /etc/nginx/conf.d/newsportal-brotli.conf 0644 root:root <<<'brotli on; brotli_types text/css text/javascript application/javascript application/json image/svg+xml;'
fi
# Debian's 768 connections are fewer than one person can hold open.
run sed -i -E 's/(worker_connections) +768;/\1 8192;/; /^worker_rlimit_nofile/d; s/^worker_processes .*/&\nworker_rlimit_nofile 20000;/' /etc/nginx/nginx.conf
run rm -f /etc/nginx/sites-enabled/default

step "8. Services, timers, rotation of logs"
for file in "$source"/deploy/systemd/*; do run install -m 0644 "$file" /etc/systemd/system/; done
run install -m 0644 "$source/deploy/logrotate/newsportal" /etc/logrotate.d/newsportal
for file in /var/log/newsportal/*.log-20[0-9][0-9][0-9][0-9][0-9][0-9]{,.gz}; do  # of names without the time, which would stay for ever
    day=${file##*.log-} day=${day%.gz}
    if [ -e "$file" ]; then run mv "$file" "${file/-$day/-$day-$(date -d "$day" +%s)}"; fi
done
run install -m 0755 "$source/deploy/newsportal" /usr/local/bin/newsportal
if has_systemd; then run systemctl daemon-reload; fi

step "9. This release: /opt/newsportal/$release"
run "$source/deploy/upgrade.sh" "$source" "$release"

step "10. nginx begins, or goes on with the new settings"
run nginx -t -q
if [ ! -s /run/nginx.pid ]; then
    service_do start nginx
elif [ "$(nginx_files)" != "$(cat $nginx_loaded 2>/dev/null)" ]; then
    service_do reload nginx  # closes connections that wait for their next request, so not without a reason
else
    echo "   nothing is new"
fi
if [ -z "${DRY_RUN:-}" ]; then nginx_files >$nginx_loaded; fi

if has_systemd; then  # what waits in the log is counted even where nginx is to keep pages no longer
    if grep -q '^VISITS_LOG=.' "$settings" 2>/dev/null; then run systemctl enable --quiet --now newsportal-views
    else run systemctl disable --quiet --now newsportal-views; fi
fi

step "Done: https://$host/"
cat <<END
   The first administrator:  newsportal createsuperuser
   Then in the admin (https://$host/admin/): "Thông tin cổng", "Chuyên mục", accounts.
   docs/operations.md: backups on another disk (mounted at /var/backups/newsportal) and machine, mail, how to upgrade.
END
