#!/bin/sh
# example.sh - the module in doc/modules.md compiles without a warning, loads, and has the options that the page says.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
set -eu

top=${top_srcdir:-.}
build=${top_builddir:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "doc/modules.md: $*"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
}

# The block of code behind the mark.
sed -n '/^<!-- away.c -->$/,/^```$/p' "$top/doc/modules.md" | sed -e '1,2d' -e '$d' >"$dir/away.c"
grep -q '^MOD_EXPORT' "$dir/away.c" || fail "the example is not where this test looks for it"

${CC:-cc} -std=gnu11 -O2 -Wall -Wextra -Werror -Wno-unused-parameter -fPIC -shared -I"$top" \
	-o "$dir/away.so" "$dir/away.c" || fail "the example does not compile"

# Leaks are what other tests look for.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export ASAN_OPTIONS

test_configuration() {
	"$build/jackdawd" --demo "$dir/demo" -t
}

test_configuration || fail "the demo's own configuration is refused"
cp "$dir/demo/jackdaw.conf" "$dir/plain.conf"

{
	printf 'module-folder = "%s"\nmodule-files = { "away.so" }\naway { max-text = "2 KiB" }\n' "$dir"
	cat "$dir/plain.conf"
} >"$dir/demo/jackdaw.conf"
test_configuration || fail "the example does not load"

{
	printf 'module-folder = "%s"\nmodule-files = { "away.so" }\naway { max-text = "9 KiB" }\n' "$dir"
	cat "$dir/plain.conf"
} >"$dir/demo/jackdaw.conf"
test_configuration 2>"$dir/said" && fail "a value out of bounds is taken"
grep -q 'jackdaw.conf:3: max-text' "$dir/said" || fail "a value out of bounds is not reported by its line"

echo "1 passed, 0 failed, 0 skipped"
