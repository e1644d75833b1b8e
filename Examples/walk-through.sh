#!/bin/sh
# A walk through plan, from the first plan to an own model. Run it from anywhere; it works in a folder of its own and
# leaves nothing behind. Each command is printed before it runs.
set -eu

plan=$(CDPATH="" cd -- "$(dirname -- "$0")/.." && pwd)/Scripts/plan
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

show() {
    printf '\n$ plan'
    printf ' %s' "$@"
    printf '\n'
    "$plan" "$@"
}

echo "1. FLUX.1-dev has 23.8 GB at 16 bits. The best mix of formats that fits 9 GB, and the proof that it is the best:"
show --budget 9GB

echo
echo "2. The recipe that a converter reads says for every tensor which format it takes:"
head -n 22 plans/flux1-dev-9GB.json

echo
echo "3. What a larger budget would buy:"
show compare --budgets 8GB,9GB,10GB,12GB

echo
echo "4. Errors of layers may be independent rather than add up. Then squares are added, and other layers win:"
show compare --budgets 8GB,9GB,10GB,12GB --combine rss

echo
echo "5. Too small a budget is told at once, with the smallest file there can be and exit code 2:"
show --budget 6GB || echo "(exit code $?)"

echo
echo "6. What is odd about the table: forbidden cells, and larger formats that are no better than smaller ones:"
show impacts | head -n 12

echo
echo "7. An own model and an own table. A model is a list of tensors, a table has a row per layer:"
cat >model.json <<'JSON'
{"model": "tiny", "tensors": [
  {"name": "attention.weight", "shape": [1024, 1024]},
  {"name": "mlp.weight", "shape": [4096, 1024]},
  {"name": "norm.weight", "shape": [1024]}
]}
JSON
cat >impacts.csv <<'CSV'
layer,Q4_0,Q8_0
attention.weight,0.9,0.05
mlp.weight,0.4,0.02
CSV
show --budget 5.4bpw --model model.json --impacts impacts.csv
