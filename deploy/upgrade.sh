#!/bin/bash
# upgrade.sh SOURCE RELEASE: makes a release of the checkout SOURCE and leads readers to it, who go on reading all the
# time. Called by install.sh. Stops with the old release in service where any step fails.
set -euo pipefail

source=$1 release=$2
root=${ROOT:-/opt/newsportal}
settings=${SETTINGS:-/etc/newsportal/environment}
user=${SITE_USER:-newsportal}
folder=$root/$release

say() { printf '   - %s\n' "$*"; }
manage() ( # as the site, with its settings
    cd "$folder"
    set -a
    # shellcheck disable=SC1090
    . "$settings"
    set +a
    # A migration that waits for a lock makes readers wait behind it: it gives up after two seconds instead.
    export PGOPTIONS="${PGOPTIONS:--c lock_timeout=2s}" PYTHONDONTWRITEBYTECODE=1
    umask 0027
    if [ "$(id -un)" = "$user" ]; then exec .venv/bin/python manage.py "$@"; fi
    exec runuser -u "$user" -- .venv/bin/python manage.py "$@"
)
previous=$(readlink "$root/current" || true)

if [ -e "$folder/.complete" ]; then
    say "$folder is there"
else
    say "programs and packages into $folder"
    rm -rf "$folder"
    mkdir "$folder"
    if git -c safe.directory="$source" -C "$source" rev-parse --quiet --verify HEAD >/dev/null 2>&1; then
        git -c safe.directory="$source" -C "$source" archive HEAD | tar -x -C "$folder"
    else
        tar -C "$source" --exclude=./.venv --exclude=./var -c . | tar -x -C "$folder"
    fi
    make -s -C "$folder" .venv/base locale/vi/LC_MESSAGES/django.mo ${PYTHON:+PYTHON="$PYTHON"}
    "$folder/.venv/bin/python" -m compileall -q "$folder/newsportal" "$folder/articles" "$folder/visitors"
    touch "$folder/.complete"
fi

say "check of the settings"
manage check --deploy --fail-level WARNING
if [ -n "$previous" ] && [ "$previous" != "$release" ]; then
    say "backup, to go back to should anything be wrong"
    ( folder=$root/$previous; manage backup )
fi
say "database"
for try in 1 2 3 4 5; do
    if manage migrate --noinput --verbosity 0; then break; fi
    [ "$try" != 5 ] || { echo "The database was busy five times. Nothing was lost; try again at a quieter hour." >&2; exit 1; }
    sleep 3
done
say "static files"
manage collectstatic --noinput --verbosity 0

if [ -d /run/systemd/system ] && [ "$root" = /opt/newsportal ]; then
    say "start of the new release; readers go over once it answers"
    systemctl enable --quiet "newsportal@$release"
    systemctl restart "newsportal@$release"
    for unit in $(systemctl list-units --plain --no-legend 'newsportal@*.service' | cut -d' ' -f1); do
        if [ "$unit" != "newsportal@$release.service" ]; then
            systemctl disable --quiet --now "$unit"  # lets running requests finish
        fi
    done
    systemctl enable --quiet --now newsportal-{backup,verify,notices,reports,nightly,weekly}.timer
elif [ -n "${START:-}" ]; then
    "$START" "$release"
else
    say "systemd does not run here: nothing was started"
fi
ln -sfn "$release" "$root/current.new"
mv -T "$root/current.new" "$root/current"

say "what the new release reads or shows anew, beside running work"
manage rebuild_search --missing
manage make_renditions

# The three newest stay, to go back to.
ls -1dt "$root"/*/ | tail -n +4 | while read -r old; do
    old=$(basename "$old")
    if [ "$old" != current ] && [ "$old" != "$release" ]; then say "removes $old"; rm -rf "${root:?}/$old"; fi
done
