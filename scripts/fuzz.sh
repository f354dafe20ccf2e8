#!/bin/sh
# Runs each fuzz test for FUZZTIME, one after the other.
set -eu
go=${GO:-go}
echo "== 100 random conversations"
CLIPCASE_CONVERSATIONS=100 $go test ./flows -count=1 -run '^TestAnyEvents$'
for file in $(git ls-files '*_test.go' | xargs grep -l '^func Fuzz'); do
	pkg=./$(dirname "$file")
	for name in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		echo "== $pkg $name"
		$go test "$pkg" -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-30s}"
	done
done
