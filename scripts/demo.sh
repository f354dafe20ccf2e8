#!/bin/sh
# Prepares a case from a recording; without one it makes a short phone-like one.
set -eu
video=${1:-}
mkdir -p demo
if [ -z "$video" ]; then
	video=demo/recording.mp4
	[ -s "$video" ] || {
		echo "clipcase: no VIDEO given; making a 30 s phone recording, about 120 MB (a minute or two, once)" >&2
		"${GO:-go}" run ./internal/testclips/makeclip -o "$video"
	}
fi
out=demo/case-$(date +%Y%m%d-%H%M%S)
./bin/clipcase prepare --scenario account-ban --channel douyin-dm,douyin-app,email,generic \
	--statement "我的账号被误封,录屏里可以看到封禁提示和我的操作过程。" --out "$out" "$video"
echo
echo "The case is in $out/data. Begin with $out/data/summary.html."
find "$out/data" -type f | sort | sed 's/^/  /'
