#!/bin/sh
# Puts real pieces side by side: a private-message video, two stills of the form,
# the first picture of a GIF.
set -eu
mkdir -p demo docs/media
[ -s demo/recording.mp4 ] || "${GO:-go}" run ./internal/testclips/makeclip -o demo/recording.mp4
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
./bin/clipcase prepare --scenario account-ban --channel douyin-dm,douyin-app --out "$out/case" demo/recording.mp4 >/dev/null 2>&1
set -- "$out"/case/data/douyin-dm/*-2of3.mp4 "$out"/case/data/douyin-app/*-1of7.jpg "$out"/case/data/douyin-app/*-2of7.jpg "$out"/case/data/douyin-app/*-5of7.gif
ffmpeg -nostdin -v error -y -ss 5 -i "$1" -i "$2" -i "$3" -i "$4" -filter_complex \
	"[0:v]scale=-2:680[a];[1:v]scale=-2:680[b];[2:v]scale=-2:680[c];[3:v]scale=-2:680[d];[a][b][c][d]hstack=inputs=4" \
	-frames:v 1 -q:v 7 docs/media/pieces.jpg
ls -l docs/media/pieces.jpg
