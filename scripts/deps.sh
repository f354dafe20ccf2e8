#!/bin/sh
# Installs what clipcase needs and this machine lacks, and says what. Quick when
# nothing is missing. Debian/Ubuntu (as root or with sudo) and Homebrew. With the
# word "test" also what only the tests need: a browser, Node.js, unzip, and
# the tools strangers check a case with; with "bench" what only the bench needs: a
# browser, HandBrakeCLI.
set -eu

say() { printf '%s\n' "clipcase: $*" >&2; }

command -v "${GO:-go}" >/dev/null 2>&1 || {
	say "Go is missing. Install Go 1.26 or newer (https://go.dev/dl/), then run this again."
	exit 1
}

# An S3 server for the tests, built into bin/ once: a minute or two.
versitygw=v1.8.0
if [ "${1:-}" = test ] && ! "${GO:-go}" version -m bin/versitygw 2>/dev/null | grep -q "versitygw	$versitygw"; then
	say "building the S3 server that tests use (versitygw $versitygw)"
	GOBIN="$PWD/bin" "${GO:-go}" install "github.com/versity/versitygw/cmd/versitygw@$versitygw"
fi

# has_cjk: a font that can draw Chinese, as ffmpeg will look for it.
has_cjk() { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh-cn file 2>/dev/null | head -n 1)" ]; }
# has_booklet_font: a TrueType font with Chinese and Latin, which a PDF can hold;
# Noto CJK has outlines of another kind.
has_booklet_font() {
	[ "$(uname)" = Darwin ] && return # the system's own Arial Unicode
	find /usr/share/fonts /usr/local/share/fonts -iname 'wqy-microhei.ttc' -o -iname 'wqy-zenhei.ttc' 2>/dev/null | grep -q .
}
has_chinese_ocr() { command -v tesseract >/dev/null 2>&1 && tesseract --list-langs 2>/dev/null | grep -qx chi_sim; }

# has_chromium: any of the names that the tests look for.
has_chromium() {
	for name in headless_shell headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
		command -v "$name" >/dev/null 2>&1 && return
	done
	[ -e "/Applications/Google Chrome.app" ] || [ -e "/Applications/Chromium.app" ]
}

apt=""
brew=""
need() { # need <command> <Debian package> <Homebrew formula>
	command -v "$1" >/dev/null 2>&1 || { apt="$apt $2"; brew="$brew $3"; }
}
need ffmpeg ffmpeg ffmpeg
need ffprobe ffmpeg ffmpeg
need redis-server redis-server redis
need gifsicle gifsicle gifsicle
need heif-convert libheif-examples libheif
has_cjk || { apt="$apt fontconfig fonts-noto-cjk"; brew="$brew fontconfig font-noto-sans-cjk"; }
has_booklet_font || apt="$apt fonts-wqy-microhei"
has_chinese_ocr || { apt="$apt tesseract-ocr tesseract-ocr-chi-sim"; brew="$brew tesseract tesseract-lang"; }
if [ "${1:-}" = test ]; then
	has_chromium || { apt="$apt chromium"; brew="$brew chromium"; }
	need npm "nodejs npm" node
	need unzip unzip unzip
	need bsdtar libarchive-tools libarchive
	need minisign minisign minisign
	need python3 python3 python3
	need openssl openssl openssl
	need pdffonts poppler-utils poppler
	need qpdf qpdf qpdf
	[ -x /usr/sbin/nginx ] || need nginx nginx-light nginx
fi

if [ "${1:-}" = bench ]; then
	has_chromium || { apt="$apt chromium"; brew="$brew chromium"; }
	need HandBrakeCLI handbrake-cli handbrake
fi

[ -n "$apt" ] || exit 0

if command -v apt-get >/dev/null 2>&1; then
	as=""
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null 2>&1 || {
			say "missing:$apt"
			say "no right to install them here. Ask an administrator to run: apt-get install --no-install-recommends$apt"
			exit 1
		}
		as=sudo
	fi
	say "installing with apt-get:$apt"
	$as apt-get update -qq
	# Debian starts a Redis of its own when the package is installed; clipcase
	# runs a private one, so nothing needs to start here.
	# shellcheck disable=SC2086
	$as env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $apt >/dev/null
elif command -v brew >/dev/null 2>&1; then
	say "installing with Homebrew:$brew"
	# shellcheck disable=SC2086
	brew install $brew
else
	say "missing:$apt"
	say "no apt-get and no Homebrew here: install them with this system's package manager, then run this again."
	exit 1
fi
say "installed."
