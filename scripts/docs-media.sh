#!/bin/sh
# Puts real pieces side by side at the size of a phone: stills of the form, the first
# picture of a GIF and one of its middle, a private-message video, the small video
# for anywhere. A picture over 200 kB stays in build/.
set -eu
mkdir -p demo docs/media build
[ -s demo/recording.mp4 ] || "${GO:-go}" run ./internal/testclips/makeclip -o demo/recording.mp4
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
./bin/clipcase prepare --scenario account-ban --channel douyin-app,douyin-dm,generic --key 00:20-00:28 --out "$out/case" demo/recording.mp4 >/dev/null 2>&1
data=$out/case/data
set -- "$data"/douyin-app/*.jpg
first=$1
shift $(($# - 1))
last=$1
gif=$(ls "$data"/douyin-app/*.gif | tail -n 1)
dm=$(ls "$data"/douyin-dm/*.mp4 | head -n 1)
small=$(ls "$data"/generic/*.mp4 | head -n 1)
cell="scale=300:660:force_original_aspect_ratio=decrease:flags=lanczos,pad=308:668:4:4:color=white,setsar=1,format=yuv444p"
ffmpeg -nostdin -v error -y -i "$first" -i "$last" -i "$gif" -ss 2 -i "$gif" -ss 5 -i "$dm" -ss 12 -i "$small" -filter_complex \
	"[0:v]${cell}[a];[1:v]${cell}[b];[2:v]${cell}[c];[3:v]${cell}[d];[4:v]${cell}[e];[5:v]${cell}[f];[a][b][c][d][e][f]hstack=inputs=6" \
	-frames:v 1 -q:v 8 build/pieces.jpg
if [ "$(wc -c <build/pieces.jpg)" -le 200000 ]; then
	mv build/pieces.jpg docs/media/pieces.jpg
	ls -l docs/media/pieces.jpg
else
	ls -l build/pieces.jpg
	echo "over 200 kB: left in build/" >&2
fi
