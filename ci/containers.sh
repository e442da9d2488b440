#!/usr/bin/env bash
# ci/containers.sh   `stayput doctor` in containers: are verdict and remedy right?
#
# Runs the static binary under podman and runc. Where a lock is refused, each
# container option that the JSON report prints as a remedy is tried, one by one,
# with nothing added: each must make the lock succeed.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/podman.sh

report=$work/report.json
status=0

doctor() { # doctor SIZE OPTION...   its report, and its exit status
  local size=$1
  shift
  status=0
  podman run --rm --network=none "${ulimits[@]}" "$@" --rootfs "$root" /stayput \
    doctor --format json --require "$size" >"$report" || status=$?
}

is() { # is NAME FILTER EXPECTED
  local found
  found=$(jq --raw-output "$2" "$report") || found="no report"
  [ "$found" = "$3" ] || complain "$1: $2 is $found, expected $3"
}

verdict() { # verdict NAME CHECK EXPECTED
  is "$1" ".checks[] | select(.id == \"$2\").verdict" "$3"
}

# Options that the report prints as remedies of a check, one a line.
printed() { # printed CHECK
  jq --raw-output --arg check "$1" '.checks[] | select(.id == $check).remedy.ways[]?.settings[]
    | select(.place == "container-option").line' "$report"
}

# The kernel and an engine without CAP_SYS_RESOURCE let nobody raise a hard limit;
# the remedy's note says so.
beyond_this_engine() { # beyond_this_engine OPTION
  local hard wanted=${1##*:}
  hard=$(ulimit -H -l)
  [[ $1 == *memlock=* && $hard != unlimited ]] && [ "$wanted" -gt $((hard * 1024)) ] &&
    ! setpriv --dump | grep -q 'Capability bounding set:.*sys_resource'
}

# Follows each printed remedy of a refused case.
follow() { # follow NAME CHECK SIZE WAYS OPTION...
  local name=$1 check=$2 size=$3 ways=$4 option options
  shift 4
  mapfile -t options < <(printed "$check")
  [ "${#options[@]}" -eq "$ways" ] || complain "$name: ${#options[@]} ways, expected $ways"
  for option in "${options[@]}"; do
    if beyond_this_engine "$option"; then
      echo "SKIPPED $name: $option: this machine's hard limit is $(ulimit -H -l) KiB"
      continue
    fi
    # shellcheck disable=SC2086 # an option and its value are two words
    doctor "$size" "$@" $option
    [ "$status" -eq 0 ] || complain "$name: exit status $status after following: $option"
    verdict "$name, $option" lock pass
    accept "$name: followed: $option"
  done
}

# A case in which the lock must succeed.
granted() { # granted NAME SIZE CAPABILITY OPTION...
  local name=$1 size=$2 capability=$3
  shift 3
  doctor "$size" "$@"
  [ "$status" -eq 0 ] || complain "$name: exit status $status, expected 0"
  is "$name" .subject.capability "$capability"
  is "$name" .subject.environment podman
  for check in lock memlock-limit seccomp memfd-secret; do
    verdict "$name" "$check" pass
  done
  accept "$name: $size locked"
}

# A case in which the lock must be refused for its size.
refused() { # refused NAME SIZE CAPABILITY WAYS OPTION...
  local name=$1 size=$2 capability=$3 ways=$4
  shift 4
  doctor "$size" "$@"
  [ "$status" -eq 1 ] || complain "$name: exit status $status, expected 1"
  is "$name" .subject.capability "$capability"
  is "$name" .subject.environment podman
  for check in lock memlock-limit; do
    verdict "$name" "$check" fail
  done
  verdict "$name" ipc-lock-capability warn
  verdict "$name" cgroup-memory pass
  accept "$name: $size refused"
  follow "$name" lock "$size" "$ways" "$@"
}

small=(--ulimit memlock=65536:65536)
cap=(--cap-add=IPC_LOCK)
user=(--user 1000)
namespace=(--uidmap 0:100000:65536)

limit=$(ulimit -H -l)
if [ "$limit" = unlimited ] || [ "$limit" -ge 65536 ]; then
  granted "default"              64MiB absent
  granted "user"                 64MiB absent    "${user[@]}"
else
  refused "default"              64MiB absent 2
  refused "user"                 64MiB absent 2  "${user[@]}"
fi
granted "capability"             64MiB effective "${cap[@]}"
refused "small limit"            1MiB absent 2   "${small[@]}"
granted "both"                   64MiB effective "${small[@]}" "${cap[@]}"
refused "user, small limit"      1MiB absent 2   "${small[@]}" "${user[@]}"
granted "user with capability"   64MiB effective "${small[@]}" "${user[@]}" "${cap[@]}"
refused "user namespace"         1MiB absent 1   "${small[@]}" "${namespace[@]}"
refused "user namespace with capability" 1MiB without-effect 1 \
                                                 "${small[@]}" "${namespace[@]}" "${cap[@]}"
granted "read-only root"         64MiB effective --read-only "${cap[@]}"
refused "read-only root, small limit" 1MiB absent 2 --read-only "${small[@]}"

# Past a memory limit the kernel would kill: the lock is refused before.
name="memory limit"
doctor 64MiB --memory=32m "${cap[@]}"
[ "$status" -eq 1 ] || complain "$name: exit status $status, expected 1"
verdict "$name" lock fail
verdict "$name" cgroup-memory fail
accept "$name: 64MiB refused, not killed"
follow "$name" cgroup-memory 64MiB 1 --memory=32m "${cap[@]}"

# A filter that refuses the calls.
name="seccomp"
cat >"$work/profile.json" <<'PROFILE'
{ "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [ { "names": ["mlock", "mlockall"], "action": "SCMP_ACT_ERRNO" } ] }
PROFILE
doctor 4096 --security-opt "seccomp=$work/profile.json"
[ "$status" -eq 1 ] || complain "$name: exit status $status, expected 1"
verdict "$name" seccomp fail
is "$name" '.checks[] | select(.id == "seccomp").finding' "a filter refuses mlock, mlockall"
accept "$name: named"
option=$(printed seccomp)
sed 's/SCMP_ACT_ERRNO/SCMP_ACT_ALLOW/' "$work/profile.json" >"$work/allowing.json"
# shellcheck disable=SC2086
doctor 4096 ${option/PROFILE.json/$work/allowing.json}
verdict "$name, $option" seccomp pass
verdict "$name, $option" lock pass
accept "$name: followed: $option"

# From outside: another process's limit, rights and container.
name="from outside"
ci/install.sh busybox-static
mkdir -p "$root/bin"
cp /bin/busybox "$root/bin/busybox"
podman run --detach --name sleeper --network=none "${ulimits[@]}" "${small[@]}" "${user[@]}" \
  --rootfs "$root" /bin/busybox sleep 600 >/dev/null
sleeper=$(podman inspect --format '{{.State.Pid}}' sleeper)
status=0
"$root/stayput" doctor --format json --require 1MiB --pid "$sleeper" >"$report" || status=$?
podman rm --force --time 0 sleeper >/dev/null
[ "$status" -eq 1 ] || complain "$name: exit status $status, expected 1"
is "$name" .subject.process "$sleeper"
is "$name" .subject.environment podman
is "$name" .subject.soft_limit 65536
is "$name" .subject.capability absent
verdict "$name" memlock-limit fail
verdict "$name" lock skip
accept "$name: $(jq --raw-output '.checks[0].finding' "$report")"
follow "$name" memlock-limit 1MiB 2 "${small[@]}" "${user[@]}"

# A pod: its line in the pod's specification, which podman starts.
name="pod"
tar -C "$root" -c stayput |
  podman import --quiet --change 'ENTRYPOINT ["/stayput"]' - localhost/stayput:ci >/dev/null
doctor 64MiB --env KUBERNETES_SERVICE_HOST=10.0.0.1 "${small[@]}"
is "$name" .subject.environment kubernetes
verdict "$name" lock fail
line=$(jq --raw-output '.checks[] | select(.id == "lock").remedy.ways[].settings[]
  | select(.place == "pod").line' "$report")
pod() { # pod LINE   the exit status of a doctor whose container has it
  cat >"$work/pod.yaml" <<POD
apiVersion: v1
kind: Pod
metadata: {name: pod}
spec:
  restartPolicy: Never
  containers:
  - name: doctor
    image: localhost/stayput:ci
    args: [doctor, --require, 64MiB]
    $1
POD
  podman kube play --network none "$work/pod.yaml" >/dev/null
  podman wait pod-doctor
  podman pod rm --force --time 0 pod >/dev/null
}
[ "$(pod "$line")" = 0 ] || complain "$name: refused after following: $line"
if [ "$limit" != unlimited ] && [ "$limit" -lt 65536 ]; then
  [ "$(pod "")" = 1 ] || complain "$name: the lock succeeds without following anything"
fi
accept "$name: followed: $line"

# Compose: its lines mean what the options mean.
name="compose"
doctor 1MiB "${small[@]}"
mapfile -t lines < <(jq --raw-output '.checks[] | select(.id == "lock").remedy.ways[].settings[]
  | select(.place == "compose").line' "$report")
{
  printf 'services:\n  daemon:\n    image: your-image\n'
  printf '    %s\n' "${lines[@]}"
} >"$work/compose.yaml"
ci/install.sh docker-compose
docker-compose --file "$work/compose.yaml" config >"$work/said" || complain "$name: refused"
for words in "hard: 1048576" "soft: 1048576" "- IPC_LOCK"; do
  grep --quiet --fixed-strings -- "$words" "$work/said" || complain "$name: no $words"
done
accept "$name: read: ${lines[*]}"

# No container at all: a root directory without any container's mark.
plain=$work/plain # podman left its mark in the other
mkdir -p "$plain/proc"
cp "$root/stayput" "$plain"
chrooted() { # chrooted LINE PRIVILEGES...   run by a shell that setpriv has deprived
  local line=$1
  shift
  status=0
  # shellcheck disable=SC2016 # for the inner shells
  unshare --mount --propagation private sh -c '
    mount -t proc proc "$1/proc" || exit 9
    root=$1 line=$2
    shift 2
    exec setpriv "$@" sh -c "$line" "$root"' \
    sh "$plain" "$line" "$@" >"$report" || status=$?
}
# shellcheck disable=SC2016
run='exec chroot "$0" /stayput doctor --format json --require 1MiB'
unset container KUBERNETES_SERVICE_HOST # not the test's

name="shell"
deprived=(--bounding-set -ipc_lock --inh-caps -ipc_lock)
chrooted "ulimit -S -l 64; $run" "${deprived[@]}"
is "$name" .subject.environment shell
verdict "$name" lock warn
command=$(jq --raw-output '.checks[] | select(.id == "memlock-limit").remedy.ways[0].settings[0]
  | select(.place == "command").line' "$report")
chrooted "ulimit -S -l 64; $command; $run" "${deprived[@]}"
verdict "$name, $command" lock pass
accept "$name: followed: $command"

# Another user, below the hard limit: only what is on the file helps.
name="shell, another user"
ci/install.sh libcap2-bin
# A user can't chroot, so this one starts where the other ends.
as_user='exec chroot --userspec=65534:65534 "$0" /stayput doctor --format json --require 1MiB'
chrooted "ulimit -l 64; $as_user" --no-new-privs
verdict "$name, no new privileges" lock fail
is "$name, no new privileges" '[.checks[].remedy.ways[]?.settings[].line
  | select(startswith("setcap"))] | length' 0
chrooted "ulimit -l 64; $as_user" --reset-env
is "$name" .subject.environment shell
verdict "$name" lock fail
command=$(jq --raw-output '.checks[] | select(.id == "lock").remedy.ways[].settings[].line
  | select(startswith("setcap"))' "$report")
# shellcheck disable=SC2086
${command/FILE/$plain/stayput}
chrooted "ulimit -l 64; $as_user" --reset-env
is "$name, $command" .subject.capability effective
verdict "$name, $command" lock pass
accept "$name: followed: $command"

conclude "doctor is right in every container, and so are its remedies"
