#!/bin/sh
# Siaga 112: puts the files of this folder where Asterisk and HAProxy look for them. As root, on the Asterisk machine:
#
#     sh telephony/asterisk/install.sh
#
# Running it again harms nothing. A file that is not ours yet (Debian's example) is kept beside ours as NAME.before-siaga;
# one of ours that was changed (addresses, passwords) stays as it is, and the newer one is laid beside it as
# NAME.siaga-new, for you to compare. It ends by saying what is still to be changed. It restarts nothing.
#
# Elsewhere than in Debian's folders: ASTERISK_ETC, ASTERISK_LIB, ASTERISK_LOG, HAPROXY_ETC, TMPFILES_ETC, ASTERISK_USER.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
etc=${ASTERISK_ETC:-/etc/asterisk}
lib=${ASTERISK_LIB:-/var/lib/asterisk}
log=${ASTERISK_LOG:-/var/log/asterisk}
guard=${HAPROXY_ETC:-/etc/haproxy}
tmpfiles=${TMPFILES_ETC:-/etc/tmpfiles.d}
user=${ASTERISK_USER:-asterisk}

id "$user" >/dev/null 2>&1 || { echo "there is no user $user: install Asterisk first (README.md says how)" >&2; exit 1; }
[ -d "$etc" ] || { echo "there is no $etc: install Asterisk first (README.md says how)" >&2; exit 1; }

put() { # FILE FOLDER MODE OWNER
    target=$2/$(basename "$1")
    if [ -e "$target" ] && ! cmp -s "$1" "$target"; then
        if head -n 2 "$target" | grep -q 'Siaga 112'; then
            install -m "$3" -o "$4" -g "$4" "$1" "$target.siaga-new"
            echo "kept     $target (the newer one: $target.siaga-new)"
            return
        fi
        cp -p "$target" "$target.before-siaga"
    fi
    install -m "$3" -o "$4" -g "$4" "$1" "$target"
    echo "put      $target"
}

for file in "$here"/*.conf; do
    put "$file" "$etc" 640 "$user"
done
mkdir -p "$guard" "$tmpfiles"
put "$here/haproxy.cfg" "$guard" 644 root

install -d -m 755 -o "$user" -g "$user" "$lib/siaga"
for sound in "$here"/sounds/*.alaw; do
    put "$sound" "$lib/siaga" 644 "$user"
done

# The record of calls. Asterisk makes its file, but not the folder that the file lies in, nor does its package; without
# it every event is lost with a warning. The entry in tmpfiles.d makes it again should somebody clear /var/log.
install -d -m 750 -o "$user" -g "$user" "$log/cel-custom"
echo "made     $log/cel-custom"
printf '# Siaga 112: the folder of Asterisk'\''s own record of calls\nd %s 0750 %s %s -\n' \
    "$log/cel-custom" "$user" "$user" >"$tmpfiles/siaga-112.conf"

echo
echo "Still to be changed (README.md, What to change):"
grep -n '192\.0\.2\.\|CHANGE-op' "$etc"/extensions.conf "$etc"/pjsip.conf "$guard"/haproxy.cfg || echo "nothing"
