/*
 * writer.h - XML out: escaped, with its namespaces right.  Nothing else builds XML text.
 *
 * An element whose namespace differs from the one in force gets an xmlns declaration;
 * namespaced attributes get a prefix of their own (xml: is known).  Text and values escape & <
 * > " ' and, in values, tab, line feed and carriage return (in text: carriage return).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/buf.h"
#include "xml/node.h"

/* NODE in a place where IN_NS is the default namespace (absent: none). */
void xml_write(struct buf *out, const struct xml_node *node, struct str in_ns);
/* The children of NODE alone, in a place where IN_NS is the default. */
void xml_write_children(struct buf *out, const struct xml_node *node, struct str in_ns);
void xml_write_text(struct buf *out, struct str text); /* escaped as character data */
void xml_write_value(struct buf *out,
                     struct str text); /* escaped for an attribute in either quotes */
/* " name='value'"; nothing for an absent value. */
void xml_write_attr(struct buf *out, const char *name, struct str value);
/* As text in ARENA, self-contained (every namespace declared). */
struct str xml_print(struct arena *arena, const struct xml_node *node);
/* Parse such text back: stored XML, tests.  ERR_INVALID. */
MUST_CHECK int xml_read(struct arena *arena, struct str text, const struct xml_node **node_out);
