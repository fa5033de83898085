/*
 * parse.h - the configuration file through libconfuse: what it is told of our tables, where
 * things stand in the file, and the words for mistakes.
 *
 * Every option is text to libconfuse; our tables say what the text means.  Values are read as
 * they are parsed, when libconfuse still knows file and line.  Private to this folder.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "conf/conf.h"

#include <confuse.h>

/*
 * Where an option (cfg_opt_t) was set, or a block (cfg_t) begins; libconfuse knows only where
 * it is now.
 */
struct place {
	const struct place *next;
	const void *what;
	const char *file;
	int line;
};

struct reader {
	struct conf *conf;
	struct arena *arena;
	const struct conf_context *context;
	const struct place *places;
	/* what the file stands in: the root, or the block that includes it */
	const cfg_t *base;
	bool first_pass; /* options outside of blocks, and no word about wrong values */
	size_t mistakes;
	unsigned depth; /* of includes */
	unsigned files; /* included so far */
	bool ended;     /* was the end of the file last parsed seen as such */
};

/*
 * libconfuse calls back without a context of ours, so the reader at work on this thread stands
 * here.
 */
extern _Thread_local struct reader *conf_reading;

/*
 * Parse FILE, and let USE read the result unless the file is broken.  0, -errno or ERR_CONFIG
 * (reported).
 */
MUST_CHECK int conf_parse(struct reader *r, const char *file, cfg_flag_t flags,
                          void (*use)(cfg_t *root));

/* Where WHAT (an option or block) was noted; NULL: nowhere. */
const struct place *conf_find_place(const void *what);
/* Report TEXT with the place of WHAT; NULL: the file as a whole. */
void conf_mistake(const void *what, struct str text);
const struct conf_module *conf_find_module(const char *name);
/* Did the file set OPT, to a value of TYPE? */
bool conf_is_given(cfg_opt_t *opt, enum conf_type type);
/* Did it only add to a list that it did not set? */
bool conf_is_added_to(cfg_opt_t *list);
/* Is value I of a list one of the file's? */
bool conf_is_item(cfg_opt_t *list, size_t i);
/* NAME as a file in the folder of FILE, unless its path is whole. */
const char *conf_path_beside(struct arena *arena, const char *file, const char *name);
