/*
 * lovers.h - Romeo and Juliet are there, and what they say is archived.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/modules/archive.h"

#define ROMEO "romeo@a.example"
#define JULIET "juliet@a.example"

static struct world *w;
static struct client *romeo, *juliet;

/* OPTIONS of the host, and MORE, as ask_world_with has them. */
static inline void begin_with(const struct mod_def *more, const char *options)
{
	w = ask_world_with(more, options);
	world_account(w, JULIET, "secret");
	romeo = client_online(w, ROMEO "/orchard", 0);
	juliet = client_online(w, JULIET "/balcony", 0);
}

static inline void begin(const char *options)
{
	begin_with(NULL, options);
}

static inline void end(void)
{
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
