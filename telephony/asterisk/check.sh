#!/bin/sh
# Siaga 112: what is not right on the Asterisk machine. As root:    sh telephony/asterisk/check.sh
#
# Each line says ok, WRONG (and what to do), or `not seen`. It changes nothing, but lets Asterisk make one channel of its
# own for an instant, to see whether that is recorded. Exit code 1 when something is wrong.
#
# `flask --app wsgi check`, on the machine of the software, is the other half; it runs this where Asterisk is beside it.
set -u

record=${ASTERISK_RECORD:-/var/log/asterisk/cel-custom/siaga-112.csv}
guard=${HAPROXY_CFG:-/etc/haproxy/haproxy.cfg}
asterisk=${ASTERISK:-asterisk}
user=${ASTERISK_USER:-asterisk}
wrong=0

ok() { printf 'ok        %s\n' "$1"; }
unseen() { printf 'not seen  %s\n' "$1"; }
wrong() { printf 'WRONG     %s\n          %s\n' "$1" "$2"; wrong=1; }
escape=$(printf '\033')
ask() { $asterisk -rx "$1" 2>/dev/null | sed "s/$escape\\[[0-9;]*m//g"; } # without its colours

# ---- Asterisk itself
version=$($asterisk -V 2>/dev/null | sed -n 's/^Asterisk \(certified[-/]\)\{0,1\}\([0-9][0-9]*\).*/\2/p')
if [ -z "$version" ]; then
    wrong "there is no asterisk here" "run this on the machine that Asterisk runs on; README.md says how to get Asterisk 22"
    exit 1
elif [ "$version" -lt 20 ]; then
    wrong "Asterisk $version is too old: it cannot read the caller's location" "install Asterisk 22 LTS (README.md)"
elif [ "$version" -ne 22 ]; then
    ok "Asterisk $version (these files are tested with 22)"
else
    ok "Asterisk 22"
fi
if ask 'core show uptime seconds' | grep -q '[0-9]'; then
    ok "Asterisk runs"
else
    wrong "Asterisk does not answer" "systemctl start asterisk; then journalctl -u asterisk"
    exit 1
fi

# ---- the dialplan
globals=$(ask 'dialplan show globals')
value() { printf '%s\n' "$globals" | sed -n "s/^ *$1=//p" | head -n 1; }
if [ -z "$(value SIAGA_UP_SINCE)" ]; then
    wrong "extensions.conf is not ours, or older than this script" "sh telephony/asterisk/install.sh, compare, dialplan reload"
else
    ok "dialplan"
fi
[ -n "$(value SIAGA_SYSTEM)" ] && ok "this Asterisk is called $(value SIAGA_SYSTEM)" ||
    wrong "this Asterisk has no name" "systemname = NAME in [options] of asterisk.conf, different on each; then restart it"
case "$(value SIAGA_SERVER_1)$(value SIAGA_SERVER_2)" in
    *192.0.2.*) wrong "SIAGA_SERVER_1 or _2 is still an example" "in extensions.conf; then asterisk -rx 'dialplan reload'" ;;
    '') unseen "SIAGA_SERVER_1 and _2 are empty: without the guard nothing is told" ;;
    *) ok "servers: $(value SIAGA_SERVER_1) $(value SIAGA_SERVER_2)" ;;
esac
waiting=$(ask 'database show siaga-112-post' | grep -c '^/siaga-112-post/')
[ "$waiting" -eq 0 ] && ok "no news of calls waits to be told" ||
    wrong "$waiting pieces of news wait to be told" "no server takes them: look at the guard and at the software's log"

# ---- queue and telephones
queue=$(ask 'queue show siaga112')
members=$(printf '%s\n' "$queue" | grep -c 'PJSIP/')
out=$(printf '%s\n' "$queue" | grep 'PJSIP/' | grep -c '(Unavailable)\|(Invalid)')
if ! printf '%s\n' "$queue" | grep -q '^siaga112 '; then
    wrong "there is no queue siaga112" "queues.conf, and module show like app_queue"
elif [ "$members" -eq 0 ]; then
    wrong "the queue has no members" "one member line a seat in queues.conf; then asterisk -rx 'queue reload all'"
elif [ "$members" -eq "$out" ]; then
    wrong "none of the $members telephones is signed in: callers wait in vain" "asterisk -rx 'pjsip show contacts'"
else
    ok "$((members - out)) of $members telephones are signed in"
fi

# ---- the record of calls
folder=$(dirname "$record")
if [ ! -d "$folder" ]; then
    wrong "there is no folder $folder: the record of calls is lost" "sh telephony/asterisk/install.sh"
elif [ "$(id -u)" -eq 0 ] && ! su -s /bin/sh "$user" -c "test -w '$folder'" 2>/dev/null; then
    wrong "$user cannot write into $folder" "chown $user:$user $folder"
elif ! ask 'module show like cel_custom' | grep -q 'cel_custom.so.*Running'; then
    wrong "the module cel_custom does not run" "modules.conf, cel_custom.conf; then asterisk -rx 'module load cel_custom.so'"
elif ! ask 'cel show status' | grep -qi 'enabled'; then
    wrong "the record of calls is switched off" "cel.conf; then asterisk -rx 'module reload cel'"
else
    before=$(wc -c <"$record" 2>/dev/null || echo 0)
    ask 'channel originate Local/s@siaga-112-check application NoOp' >/dev/null
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        after=$(wc -c <"$record" 2>/dev/null || echo 0)
        [ "$after" -gt "$before" ] && break
        sleep 0.3
    done
    [ "$after" -gt "$before" ] && ok "the record grows: $record" ||
        wrong "$record does not grow" "asterisk -rx 'core show settings' (log directory), df, journalctl -u asterisk"
fi

# ---- the guard, and what it sees
if [ ! -r "$guard" ]; then
    unseen "the guard ($guard is not here)"
else
    seen=0
    for server in $(sed -n 's/^ *server *[a-z-]* *\([0-9.]*\):[0-9]* *check port \([0-9]*\).*/\1:\2/p' "$guard" | sort -u); do
        seen=1
        if ! command -v curl >/dev/null; then
            unseen "whether $server is ready (apt install curl)"
        elif curl -fsS -m 2 "http://$server/readyz" >/dev/null 2>&1; then
            ok "the guard finds $server ready"
        else
            wrong "http://$server/readyz does not answer 200 to this machine, and so not to the guard" \
                "SIAGA_HTTP_HOST=0.0.0.0 there, its firewall open for this machine on that port; curl -v http://$server/readyz"
        fi
    done
    [ "$seen" -eq 1 ] || wrong "the guard knows no server" "the server lines of $guard"
    for door in $(value SIAGA_GUARD_1) $(value SIAGA_GUARD_2); do
        if command -v ss >/dev/null && ! ss -ltnH | grep -q "[ :]${door##*:} "; then
            wrong "the guard's door $door is shut" "systemctl status haproxy; haproxy -c -f $guard"
        fi
    done
fi

# ---- the clock
if command -v timedatectl >/dev/null && synchronised=$(timedatectl show -p NTPSynchronized --value 2>/dev/null); then
    [ "$synchronised" = yes ] && ok "the clock is synchronised" ||
        wrong "the clock is not synchronised" "apt install chrony, or timedatectl set-ntp true"
elif command -v chronyc >/dev/null && chronyc tracking >/dev/null 2>&1; then
    chronyc tracking | grep -q 'Leap status *: Normal' && ok "the clock is synchronised" ||
        wrong "chrony is not synchronised" "chronyc sources"
else
    unseen "whether the clock is synchronised (apt install chrony)"
fi

exit $wrong
