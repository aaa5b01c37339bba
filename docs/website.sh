#!/bin/sh
# Makes a website of the public symbols and articles of Recurrent, out of the modules that a release build left:
#   docs/website.sh BUILD OUTPUT
# A warning is an error, and so is a type or a function that stands in no group of Sources/Recurrent/Recurrent.docc.
set -eu
release=$(echo "$1"/*-*-*/release)
output=$2
graphs=$(mktemp -d)
trap 'rm -rf "$graphs"' EXIT

# What Recurrent exports of other modules belongs to it; of RecurrentCore these are the backend's operations, too.
for module in Recurrent RecurrentCore; do
  swift-symbolgraph-extract -module-name $module -output-dir "$graphs" -minimum-access-level public \
    -experimental-allowed-reexported-modules=RecurrentModel,RecurrentTasks,RecurrentData,RecurrentCore,RecurrentCPU,RecurrentOpenCL \
    -target "$(basename "${release%/release}")" -I "$release/Modules" \
    -Xcc -fmodule-map-file="$release/Kernels.build/module.modulemap" \
    -Xcc -fmodule-map-file="$release/COpenCL.build/module.modulemap"
done
# One module for all: DocC looks for faults only in comments of the module itself.
sed -i -E 's/"module":"Recurrent(Model|Tasks|Data|Core|CPU|OpenCL)","lines"/"module":"Recurrent","lines"/g
  s/"module":\{"name":"RecurrentCore"/"module":{"name":"Recurrent"/' "$graphs"/*.json
docc convert Sources/Recurrent/Recurrent.docc --additional-symbol-graph-dir "$graphs" --output-path "$output" \
  --fallback-default-module-kind Library --warnings-as-errors

# DocC makes groups of what stands in none.
index=$output/data/documentation/recurrent.json
if grep -q '"generated":true' "$index"; then
  echo "In no group of Sources/Recurrent/Recurrent.docc/Recurrent.md or BackendOperations.md:" >&2
  tr '{' '\n' <"$index" | sed -n '/"generated":true/s/.*"identifiers":\[\([^]]*\).*/\1/p' >&2
  exit 1
fi
