# check.sh - the whole test suite, part by part; "./bootstrap check" reads it and calls check_all.
#
# Each part writes build/check/PART.log, and how many of its checks passed, failed and were skipped to
# build/check/PART.count.  A part that ran nothing has failed.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154 # top and JOBS are bootstrap's

out=$top/build/check

# Lines that say what went wrong: in Check's output, automake's, a compiler's, a sanitizer's.
faults='^(FAIL|ERROR)|:[0-9]+:[FE]:|: (error|warning):|SUMMARY: .*Sanitizer|runtime error:'

# --- counting ----------------------------------------------------------------------------------------------------

# The lines "N passed, N failed, N skipped" of a log, as three numbers each.
counts_of_log() {
	sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed, \([0-9][0-9]*\) skipped$/\1 \2 \3/p' "$1"
}

# One test program's log and result.  Check says "100%: Checks: 5, Failures: 0, Errors: 0" for each run, others end in
# "N passed, ...", and a program that says neither is one check.  A program that failed counts one failure at least.
count_program() {
	awk -v result="$2" '
		/^[0-9]+%: Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+$/ {
			gsub(/[^0-9 ]/, "")
			failed += $3 + $4; passed += $2 - $3 - $4; said = 1
		}
		/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { passed += $1; failed += $3; skipped += $5; said = 1 }
		END {
			if (!said && result == "PASS") passed = 1
			if (!said && result == "SKIP") skipped = 1
			if (result != "PASS" && result != "SKIP" && !failed) failed = 1
			print passed + 0, failed + 0, skipped + 0
		}' "$1"
}

# Every test program that automake ran in a build.
count_programs() {
	find "$1" -name '*.trs' | while read -r trs; do
		result=$(sed -n 's/^:test-result: \([A-Z]*\).*/\1/p' "$trs" | head -n 1)
		count_program "${trs%.trs}.log" "${result:-ERROR}"
	done | sum
}

sum() {
	awk '{ passed += $1; failed += $2; skipped += $3 } END { print passed + 0, failed + 0, skipped + 0 }'
}

# --- parts -------------------------------------------------------------------------------------------------------

# part NAME FUNCTION...: run it with its output in NAME.log; it leaves NAME.count, or fails.
part() {
	name=$1
	shift
	rm -f "$out/$name.count"
	started=$(date +%s)
	status=0
	( "$@" ) >"$out/$name.log" 2>&1 </dev/null || status=$?
	read -r passed failed skipped <"$out/$name.count" 2>/dev/null || { passed=0 failed=0 skipped=0; }
	if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ] || [ $((passed + failed + skipped)) -eq 0 ]; then
		failed=$((failed + 1))
	fi
	printf '%s %s %s\n' "$passed" "$failed" "$skipped" >"$out/$name.count"
	say "$name: $passed passed, $failed failed, $skipped skipped ($(($(date +%s) - started)) s)"
	[ "$failed" -eq 0 ] || show_failure "$name"
}

show_failure() {
	grep -aE "$faults" "$out/$1.log" | head -n 40 >&2
	echo "--- the end of $out/$1.log:" >&2
	tail -n 25 "$out/$1.log" >&2
}

# A program that ends with its counts.
counted() {
	"$@"
	status=$?
	counts_of_log "$out/$name.log" | tail -n 1 >"$out/$name.count"
	return $status
}

# The server killed in rounds, by each program of tests/crash.
crash() {
	JACKDAWD=$1/jackdawd
	export JACKDAWD
	status=0
	for program in offline rosters rooms; do
		echo "--- $program"
		/usr/bin/python3 "tests/crash/$program" || status=1
	done
	echo "--- audit"
	/usr/bin/python3 tests/crash/audit --self-test || status=1
	/usr/bin/python3 tests/crash/audit --scenario mixed --kills 10 --keep "$out" || status=1
	/usr/bin/python3 tests/crash/audit --scenario across --kills 10 --keep "$out" || status=1
	/usr/bin/python3 tests/crash/audit --scenario rooms --kills 5 --keep "$out" || status=1
	counts_of_log "$out/$name.log" | sum >"$out/$name.count"
	return $status
}

# The test programs of a build: all, or those of the layers that cross threads.
programs() {
	dir=$1
	make -s -C "$dir" Makefile
	tests=$(make -s --no-print-directory -C "$dir" "list-$2-tests")
	[ -n "$tests" ] || return
	find "$dir" -name '*.trs' -delete
	if [ "$2" = unit ]; then
		make -k -C "$dir" -j "$JOBS" check TESTS="$tests"
	else
		make -k -C "$dir" -j "$JOBS" check TESTS="$tests" check_PROGRAMS="$tests"
	fi
	status=$?
	# what failed, out of the programs' own logs
	find "$dir/tests" -name '*.log' -exec grep -aE "$faults" {} +
	count_programs "$dir" >"$out/$name.count"
	return $status
}

conformance() {
	JACKDAWD=$1/jackdawd
	JACKDAWCTL=$1/jackdawctl
	export JACKDAWD JACKDAWCTL
	counted /usr/bin/python3 tests/conformance/run
}

# Addresses, undefined behaviour and leaks.  The suite stops each server by SIGTERM and looks at its exit status and its
# standard error, so a leak in any conversation fails it.
under_asan() {
	ASAN_OPTIONS=detect_leaks=1:exitcode=99
	UBSAN_OPTIONS=print_stacktrace=1
	export ASAN_OPTIONS UBSAN_OPTIONS
	"$@"
}

asan_unit() {
	build_in build-asan all --enable-sanitizers && under_asan programs build-asan unit
}

# Races.  The layers that cross threads, then a server of two shards under load.
under_tsan() {
	TSAN_OPTIONS=suppressions=$top/tests/tsan.supp:exitcode=99
	export TSAN_OPTIONS
	"$@"
}

tsan_unit() {
	build_in build-tsan all --enable-tsan && under_tsan programs build-tsan thread
}

tsan_load() {
	build bench-programs || return
	JACKDAWD=$top/build-tsan/jackdawd
	export JACKDAWD
	under_tsan counted /usr/bin/python3 tests/threads/run "$top/build/tests/bench/load"
}

check_all() {
	rm -rf "$out"
	mkdir -p "$out"
	began=$(date +%s)

	part lint counted env top_builddir="$top/build" tests/lint/run
	part unit programs build unit
	part conformance conformance "$top/build"
	part crash crash "$top/build"
	part interop counted env JACKDAWD="$top/build/jackdawd" /usr/bin/python3 tests/interop/run
	part federation counted env JACKDAWD="$top/build/jackdawd" /usr/bin/python3 tests/federation/run
	part sanitized-unit asan_unit
	part sanitized-conformance under_asan conformance "$top/build-asan"
	part threads-unit tsan_unit
	part threads-load tsan_load

	say "all parts: $(($(date +%s) - began)) s"
	cat "$out"/*.count | sum | {
		read -r passed failed skipped
		echo "$passed passed, $failed failed, $skipped skipped"
		[ "$failed" -eq 0 ]
	}
}
