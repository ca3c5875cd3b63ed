#!/bin/bash
# upgrade.sh SOURCE RELEASE: makes a release of the checkout SOURCE and leads readers to it, who go on reading all the
# time. Called by install.sh. Stops with the old release in service where any step fails.
set -euo pipefail
umask 022  # the site reads what root makes here, whatever root's own is

source=$1 release=$2
root=${ROOT:-/opt/newsportal}
settings=${SETTINGS:-/etc/newsportal/environment}
user=${SITE_USER:-newsportal}
folder=$root/$release

say() { printf '   - %s\n' "$*"; }
manage() { # as the site, with its settings
    # A migration that waits for a lock makes readers wait behind it: it gives up after two seconds instead.
    PGOPTIONS="${PGOPTIONS:--c lock_timeout=2s}" RELEASE_FOLDER=$folder SETTINGS=$settings SITE_USER=$user \
        "$source/deploy/newsportal" "$@"
}
previous=$(readlink "$root/current" || true)

if [ -e "$folder/.complete" ]; then
    say "$folder is there"
else
    say "programs and packages into $folder"
    rm -rf "$folder"
    mkdir "$folder"
    if git -c safe.directory="$source" -C "$source" rev-parse --quiet --verify HEAD >/dev/null 2>&1; then
        git -c safe.directory="$source" -C "$source" archive HEAD | tar -x --no-same-owner -C "$folder"
    else
        tar -C "$source" --exclude=./.venv --exclude=./var -c . | tar -x --no-same-owner -C "$folder"
    fi
    make -s -C "$folder" .venv/base locale/vi/LC_MESSAGES/django.mo ${PYTHON:+PYTHON="$PYTHON"}
    "$folder/.venv/bin/python" -m compileall -q "$folder/newsportal" "$folder/articles" "$folder/visitors"
    touch "$folder/.complete"
fi

say "check of the settings"
manage check --deploy  # says what is doubtful, and stops at what is wrong
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
    if systemctl is-active --quiet "newsportal@$release"; then
        say "runs already (after a change of the settings: systemctl restart newsportal@$release)"
    else
        say "start of the new release; readers go over once it answers"
        if ! systemctl start "newsportal@$release"; then
            journalctl --unit "newsportal@$release" --lines 30 --no-pager --output cat >&2
            systemctl stop "newsportal@$release"  # or it would be tried again and again
            echo "Release $release does not start; readers stay with the one before." >&2
            exit 1
        fi
    fi
    systemctl enable --quiet "newsportal@$release"
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
if [ -d /run/systemd/system ] && [ "$root" = /opt/newsportal ]; then systemctl try-restart newsportal-views; fi

say "what the new release reads or shows anew, beside running work"
manage rebuild_search --missing
manage make_renditions

# The three newest stay, to go back to.
ls -1dt "$root"/*/ | grep -v '/current/$' | tail -n +4 | while read -r old; do
    old=$(basename "$old")
    if [ "$old" != "$release" ]; then say "removes $old"; rm -rf "${root:?}/$old"; fi
done
