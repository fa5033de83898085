# disk.py - how long the disk below a folder takes to make something safe, to measure commits against.
#
# A "sync" is one page written into a file that has its blocks, and fdatasync(2).  A "commit" is what a store makes of
# it that must survive a crash at any point: pages and sync, then the page that makes them valid, and sync.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import statistics
import time

PAGE = 4096
PAGES = 256          # of the file
COMMIT_PAGES = 4     # written by a commit, besides the last one
ROUNDS = 200


def microseconds(act):
    begin = time.perf_counter_ns()
    act()
    return (time.perf_counter_ns() - begin) / 1000


def measure(folder):
    """{"sync_us", "sync_p99_us", "commit_us"} of the disk that FOLDER is on."""
    path = os.path.join(folder, "disk-probe")
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(fd, os.urandom(PAGE * PAGES), 0)
        os.fsync(fd)
        return probe(fd)
    finally:
        os.close(fd)
        os.unlink(path)


def probe(fd):
    page = os.urandom(PAGE)

    def write(pages, number):
        at = number * pages % (PAGES - pages)
        os.pwrite(fd, page * pages, at * PAGE)
        os.fdatasync(fd)

    def commit(number):
        write(COMMIT_PAGES, number)
        write(1, 0)

    syncs = [microseconds(lambda n=n: write(1, n)) for n in range(ROUNDS)]
    commits = [microseconds(lambda n=n: commit(n)) for n in range(ROUNDS)]
    return {"sync_us": statistics.median(syncs), "sync_p99_us": statistics.quantiles(syncs, n=100)[98],
            "commit_us": statistics.median(commits)}
