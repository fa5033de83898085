/*
 * read.h - what the files that make a configuration of the parsed file share.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "conf/parse.h"

/* What CFG says (NULL: nothing) over what VALUES holds. */
void conf_fill(cfg_t *cfg, const struct conf_option *options, void *values);
/* A path beside the configuration file, unless it is whole already. */
struct str conf_beside(struct str path);
/* Why a file cannot be read; NULL: it can. */
const char *conf_why_unreadable(const char *file);
/* WHAT is wrong, where the option of CFG was set. */
void conf_mistake_of(cfg_t *cfg, const char *option, struct str what);
/* CFG is the second block KIND of NAME, which is a NOUN. */
void conf_mistake_again(cfg_t *cfg, const char *kind, const char *noun, struct str name);

/* peers.c: what is said of other servers. */
void peers_read(cfg_t *root);
/* components.c: what is said of components; when the hosts are known. */
void components_read(cfg_t *root);
