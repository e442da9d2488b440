#!/usr/bin/env bash
# ci/config.sh   `stayput config`: do those who read the settings take them?
#
# systemd-analyze, podman, docker-compose and kubectl read them; where a container
# starts from them, doctor says inside whether they had their effect. Beside each
# reader stands a control: the same settings with a mistake, which it must refuse.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/podman.sh
ci/install.sh systemd docker-compose
command -v kubectl >/dev/null || ci/install.sh kubernetes-client

config() { "$root/stayput" config "$@"; }

# systemd: the drop-in of a service whose program exists, as the manager reads it.
units=$work/units/etc/systemd/system
mkdir -p "$units/daemon.service.d" "$work/units/usr/bin"
cp "$root/stayput" "$work/units/usr/bin/daemon"
printf '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/usr/bin/daemon\n' \
  >"$units/daemon.service"
drop_in=$units/daemon.service.d/memlock.conf
read_by_systemd() { # a misspelt setting is no failure to it, but it says so
  systemd-analyze verify --man=no --root="$work/units" daemon.service >"$work/said" 2>&1 &&
    [ ! -s "$work/said" ]
}
for bytes in "" "--bytes=64MiB"; do
  # shellcheck disable=SC2086 # no word, or one
  config systemd $bytes >"$drop_in"
  read_by_systemd || complain "systemd $bytes: $(cat "$work/said")"
  sed -i 's/^LimitMEMLOCK/LimitMEMLOK/' "$drop_in"
  ! read_by_systemd || complain "systemd: a misspelt setting was not seen"
  accept "systemd${bytes:+ $bytes}"
done

# Docker: the command line, with podman's name and an image of ours.
tar -C "$root" -c stayput |
  podman import --quiet --change 'ENTRYPOINT ["/stayput"]' - localhost/stayput:ci >/dev/null
options() { # options ARGUMENT...   those of the printed command line
  config docker "$@" | sed -n 's/^docker run \(.*\) your-image$/\1/p'
}
run() { # run OPTIONS SIZE
  # shellcheck disable=SC2086 # a command line
  podman run --rm --network=none "${ulimits[@]}" $1 localhost/stayput:ci \
    doctor --require "$2" >"$work/said"
}
everything=$(options)
some=$(options --bytes 1MiB)
for line in "$everything" "$some"; do
  # Creating parses everything, and starts nothing.
  # shellcheck disable=SC2086
  podman create --network=none $line localhost/stayput:ci >/dev/null ||
    complain "docker: refused: $line"
done
if podman create --network=none "${everything/memlock/memlok}" localhost/stayput:ci \
  >/dev/null 2>&1; then
  complain "docker: a misspelt option was not seen"
fi
accept "docker: parsed: $everything"
if [ "$(ulimit -H -l)" = unlimited ]; then
  run "$everything" 64MiB || complain "docker: $everything: $(cat "$work/said")"
else
  echo "SKIPPED docker: starting with memlock=-1: this machine's hard limit is lower"
  run "--cap-add=IPC_LOCK" 64MiB || complain "docker: the capability: $(cat "$work/said")"
fi
run "$some" 1MiB || complain "docker: $some: $(cat "$work/said")"
! run "$some" 1028KiB || complain "docker: $some: a page more was locked"
accept "docker: $some: 1 MiB is locked, a page more is not"

# Compose: the file, as the tool understands it.
for bytes in "" "--bytes=64MiB"; do
  # shellcheck disable=SC2086
  config compose $bytes >"$work/compose.yaml"
  docker-compose --file "$work/compose.yaml" config >"$work/said" ||
    complain "compose $bytes: refused"
  case $bytes in
    "") expected='hard: -1 soft: -1 IPC_LOCK' ;;
    *) expected='hard: 67108864 soft: 67108864' ;;
  esac
  for word in ${expected//: /:}; do
    grep --quiet --fixed-strings -- "${word//:/: }" "$work/said" ||
      complain "compose $bytes: no ${word//:/: } in what was understood"
  done
  sed -i 's/ulimits:/ulimitz:/' "$work/compose.yaml"
  if docker-compose --file "$work/compose.yaml" config >/dev/null 2>&1; then
    complain "compose: a misspelt key was not seen"
  fi
  accept "compose${bytes:+ $bytes}"
done

# Kubernetes: nothing may be lost on the way through kubectl's own types.
lost() { # lost FILE   what its types don't know
  ci/kubernetes-types.sh "$1"
}
for bytes in "" "--bytes=64MiB"; do
  # shellcheck disable=SC2086
  config kubernetes $bytes >"$work/pod.yaml"
  said=$(lost "$work/pod.yaml") || complain "kubernetes $bytes: $said"
  sed 's/capabilities:/capabilitys:/' "$work/pod.yaml" >"$work/wrong.yaml"
  ! lost "$work/wrong.yaml" >/dev/null 2>&1 || complain "kubernetes: a misspelt key was not seen"
  accept "kubernetes${bytes:+ $bytes}: kubectl"
done

# And as a pod, which podman starts.
config kubernetes --bytes 64MiB | sed 's|image: your-image|image: localhost/stayput:ci|' \
  >"$work/pod.yaml"
cat >>"$work/pod.yaml" <<'POD'
    args: [doctor, --require, 64MiB]
  restartPolicy: Never
POD
podman kube play --network none "$work/pod.yaml" >/dev/null || complain "kube play: refused"
code=$(podman wait daemon-daemon) || code=none
[ "$code" = 0 ] || complain "kube play: exit status $code: $(podman logs daemon-daemon)"
podman pod rm --force --time 0 daemon >/dev/null
accept "kubernetes: a pod that locks 64 MiB"

conclude "every reader takes the settings"
