#!/bin/sh
# Makes one impact table of what the tasks of estimate.sbatch measured:
#
#     Examples/estimate-in-parts/merge.sh MODEL FOLDER TABLE.csv [OPTION...]
#
# Options such as --profile or --absolute are handed on to plan estimate. It reads no weights, so MODEL may also be a list of
# the model's tensors as JSON. Tensors that no task has measured yet are counted, and no table is written.
set -eu

if [ $# -lt 3 ]; then
    echo "usage: $0 MODEL FOLDER TABLE.csv [OPTION...]" >&2
    exit 64
fi
model=$1
folder=$2
table=$3
shift 3
exec plan estimate "$model" -o "$table" "$@" --merge "$folder"/errors-*.jsonl
