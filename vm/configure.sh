# shellcheck shell=bash disable=SC2034 # sourced by vm/run and vm/boot.sh
# configure GUEST RELEASE   sets what vm/run describes; RELEASE is empty to learn the releases
configure() {
  release=$2 disk=0 boots=("") stages=only in_all=yes
  # shellcheck source=vm/guests/conformance/config
  source "vm/guests/$1/config"
}

# boot_name GUEST RELEASE NUMBER   where a boot's log and cells are kept
boot_name() { echo "target/vm/$1-$2-$3"; }
