#!/bin/sh
# fuzz.sh [TIME]: run every fuzz target of the module for so long (10m), one after the other, on one core, and count what each found.
# A finding is kept by go test under testdata/fuzz of its package, and is a test from then on.
set -u
time=${1:-10m}
failed=0
for file in $(git ls-files '*_test.go' | xargs grep -l '^func Fuzz'); do
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		echo "== $target of $(dirname "$file"), $time"
		log=$(mktemp)
		nice -n 10 go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x -parallel 1 "./$(dirname "$file")" >"$log" 2>&1
		code=$?
		grep -E '^fuzz: elapsed' "$log" | tail -1
		# at the end of its time, go test fails now and then with this and nothing else
		if [ $code -eq 0 ] || { grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input' "$log"; }; then echo "no finding"; else
			failed=$((failed + 1))
			echo "FINDING"
			grep -v '^fuzz: elapsed' "$log"
		fi
		rm -f "$log"
	done
done
echo "fuzz.sh: findings in $failed targets"
[ "$failed" -eq 0 ]
