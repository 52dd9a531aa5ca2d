#!/usr/bin/env bash
# Runs once, when Gradescope builds its image: installs Rust and the sandbox, and builds the judge.
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends build-essential bubblewrap ca-certificates curl util-linux
curl -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
. "$HOME/.cargo/env"
cd "${AUTOGRADER:-/autograder}/source/course"
# The first grading would do it, too; but then a student would wait for it.
cargo test --no-run
cargo build -p cargo-lab
