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

/* OPTIONS of the host, as ask_world has them. */
static void begin(const char *options)
{
	w = ask_world(options);
	world_account(w, JULIET, "secret");
	romeo = client_online(w, ROMEO "/orchard", 0);
	juliet = client_online(w, JULIET "/balcony", 0);
}

static void end(void)
{
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
