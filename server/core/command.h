/*
 * command.h - administrative commands: each declared once, with its fields, and run on a shard.
 *
 * "account add" takes a form of fields and answers with a form (XEP-0004): single fields, or a
 * table.  The control socket (control.h) is one way to call them.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/core.h"
#include "xml/dataform.h"

struct command_field {
	const char *var, *label;
	enum field_type type;
	bool required;
};

struct command_call {
	struct core *core;           /* of the shard on which it runs */
	struct arena *arena;         /* until it is done */
	const struct xml_node *form; /* submitted; NULL: none */
	struct xml_node *result;     /* to add to: a form of type result */
	void (*done)(struct command_call *call, int err, const char *text);
};

struct command {
	const char *name; /* words: "account add" */
	const char *help; /* one line */
	const struct command_field *fields;
	/*
	 * Calls call->done once, now or later on the same shard: ERR 0 and a sentence or NULL,
	 * or an error and why.
	 */
	void (*run)(struct command_call *call);
};

extern const struct command commands[]; /* ends with a NULL name */
const struct command *command_find(struct str name);
/* The field's value as prepared text; absent when it was not given. */
struct str command_field(const struct command_call *call, const char *var);
