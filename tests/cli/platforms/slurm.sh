#!/usr/bin/env bash
#SBATCH --job-name=wirelab
#SBATCH --array=1-120%8
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --time=01:00:00
# One submission a task. Before: `cargo test --no-run && cargo build -p cargo-lab` in the course, once,
# on a file system that all nodes see; and a list of submissions, one path a line.
#   sbatch --export=COURSE=/path/to/course,LIST=/path/to/list,OUT=/path/to/grades slurm.sh
# Not run here: there is no Slurm on the machine that this course is built on.
set -eu
submission=$(sed -n "${SLURM_ARRAY_TASK_ID}p" "$LIST")
[ -n "$submission" ] || exit 0
cd "$COURSE"
# Each task builds what it grades in a place of its own; what is built already is shared.
exec cargo lab grade "$submission" --sandbox-only --format json --out "$OUT/$SLURM_ARRAY_TASK_ID"
