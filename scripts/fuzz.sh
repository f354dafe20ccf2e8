#!/bin/sh
# Runs each fuzz test for FUZZTIME, one after the other. What strangers' files
# reach first (the walk of boxes, ffmpeg's progress, ffprobe's answer) runs for
# FUZZLONG, a processor each: two of them beside everything else.
set -eu
go=${GO:-go}
long=${FUZZLONG:-${FUZZTIME:-30s}}
first='FuzzCheck FuzzProbeJSON FuzzProgress'
# Go before 1.27 may report the end of -fuzztime itself as a failure
# (go.dev/issue/75804): a run that failed with nothing but that, and wrote no input
# that fails, has ended well. Nothing found is minimized: that is for people, and
# took half of a short run.
fuzz() { # package, name, time, more options
	echo "== $1 $2, $3"
	pkg=$1 name=$2 time=$3
	shift 3
	said=$(mktemp) ended=0
	$go test "$pkg" -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 0x "$@" >"$said" 2>&1 || ended=$?
	cat "$said"
	if [ $ended != 0 ] && grep -q '^    context deadline exceeded$' "$said" &&
		! grep -q 'Failing input\|panic:\|hung or terminated\|_test\.go:' "$said"; then
		echo "== $pkg $name ended with its time, no input failed"
		ended=0
	fi
	rm -f "$said"
	return $ended
}
out=$(mktemp)
(
	fuzz ./media/box FuzzCheck "$long" -parallel 1
	fuzz ./media/ffmpeg FuzzProbeJSON "$long" -parallel 1
) >"$out" 2>&1 &
beside=$!
trap 'kill $beside 2>/dev/null || true; rm -f "$out"' EXIT
fuzz ./media/ffmpeg FuzzProgress "$long" -parallel 1
echo "== 100 random conversations"
CLIPCASE_CONVERSATIONS=100 $go test ./flows -count=1 -run '^TestAnyEvents$'
for file in $(git ls-files '*_test.go' | xargs grep -l '^func Fuzz'); do
	pkg=./$(dirname "$file")
	for name in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		case " $first " in *" $name "*) continue ;; esac
		fuzz "$pkg" "$name" "${FUZZTIME:-30s}"
	done
done
done=0
wait $beside || done=$?
cat "$out"
exit $done
