/*
 * replay.c - main of a fuzz target where libFuzzer is not: every file of its corpus once, as a test.
 *
 *	tests/fuzz/fuzz_jid               the files in $top_srcdir/tests/fuzz/corpus/fuzz_jid
 *	tests/fuzz/fuzz_jid FILE …        these
 *
 * A target tells a fault by dying (ASSERT, or a sanitizer).  An empty corpus is a fault too.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/buf.h"
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void replay_file(const char *path)
{
	struct buf bytes = { 0 };
	FILE *file = fopen(path, "rb");
	size_t n;

	if (file == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	do {
		n = fread(buf_reserve(&bytes, 65536), 1, 65536, file);
		bytes.n += n;
	} while (n > 0);
	fclose(file);
	fprintf(stderr, "%s\n", path); /* the last one named is the one that failed */
	LLVMFuzzerTestOneInput((const uint8_t *)bytes.p, bytes.n);
	buf_deinit(&bytes);
}

static int replay_corpus(const char *program)
{
	const char *top = getenv("top_srcdir");
	const char *slash = strrchr(program, '/');
	const char *name = slash == NULL ? program : slash + 1;
	char path[4096];
	struct dirent *entry;
	DIR *folder;
	int count = 0;

	if (strncmp(name, "lt-", 3) == 0) /* libtool's way to run a program in place */
		name += 3;
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", top == NULL ? "." : top, name);
	folder = opendir(path);
	if (folder == NULL) {
		perror(path);
		return EXIT_FAILURE;
	}
	while ((entry = readdir(folder)) != NULL) {
		char file[4096 + 256];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		replay_file(file);
		count++;
	}
	closedir(folder);
	printf("%s: %d inputs\n", name, count);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return replay_corpus(argv[0]);
	for (int i = 1; i < argc; i++)
		replay_file(argv[i]);
	return EXIT_SUCCESS;
}
