#!/bin/sh
# Checks that the examples of README and the articles need nothing but public declarations, as a program of another package does:
#   docs/examples.sh BUILD
# BUILD is a release build; tests of the same package see its `package` declarations, too.
set -eu
release=$(echo "$1"/*-*-*/release)
macros=$(dirname "$(readlink -f "$(command -v swiftc)")")/../lib/swift/host/plugins
ls Tests/RecurrentTests/Examples/*.swift Tests/RecurrentTests/UserModelTests.swift Benchmarks/Translator.swift |
  grep -v ShownCodeTests |
  xargs swiftc -typecheck -swift-version 6 -package-name another -module-name Examples -I "$release/Modules" \
    -plugin-path "$macros" -plugin-path "$macros/testing" \
    -Xcc -fmodule-map-file="$release/Kernels.build/module.modulemap" \
    -Xcc -fmodule-map-file="$release/COpenCL.build/module.modulemap"
