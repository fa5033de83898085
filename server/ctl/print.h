/*
 * print.h - a command's answer on standard output: text for people, JSON for programs.
 *
 * Fields print as "Label: value", tables as columns.  In JSON fields become members of an
 * object, a table the member "items", a note the member "note".
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "xml/node.h"

/* COMMAND is the <command/> element of the answer. */
void print_result(struct arena *arena, const struct xml_node *command, bool json);
