# shellcheck shell=bash disable=SC2034 # what is set here is for those who source it
# Sourced: the static binary in a root directory of its own, and podman beside the
# machine's own storage.
#   $root     a directory that holds nothing but /stayput
#   podman    a function
# Everything lies in $work, which goes at exit.

ci/install.sh podman runc catatonit jq
if [ "$(id -u)" -ne 0 ]; then
  echo "needs root: podman starts containers with runc" >&2
  exit 1
fi

target=x86_64-unknown-linux-gnu
RUSTFLAGS="-C target-feature=+crt-static" \
  cargo build --quiet --package stayput-cli --target $target --target-dir target/static

work=$(mktemp -d)
clean_up() {
  # What was mounted belongs to containers that have ended.
  podman rm --all --force --time 0 >/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
chmod 755 "$work" # for containers whose root is another user
root=$work/root
mkdir "$root" "$work/empty"
cp target/static/$target/debug/stayput "$root/stayput"

# The defaults are more than podman without CAP_SYS_RESOURCE may set. Options for
# limits replace these here, so they are repeated beside such.
ulimits=(--ulimit nofile=1024:1024 --ulimit nproc=1000:1000)
export CONTAINERS_CONF=$work/containers.conf
cat >"$CONTAINERS_CONF" <<'CONF'
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
CONF

podman() {
  # kube play takes a directory here that has an image's name for its sources.
  (cd "$work/empty" && command podman --runtime runc --cgroup-manager cgroupfs \
    --root "$work/storage" --runroot "$work/runroot" "$@")
}

failures=0 seen=0
accept() { # accept WORDS...   unless something was wrong since the last time
  [ "$failures" -gt "$seen" ] || echo "ok      $*"
  seen=$failures
}
complain() { # complain WORDS...
  echo "FAILED  $*" >&2
  failures=$((failures + 1))
}
conclude() { # conclude WORDS...   the last line of a script
  if [ "$failures" -gt 0 ]; then
    echo "FAILED: $failures" >&2
    exit 1
  fi
  echo "PASSED: $*"
}
