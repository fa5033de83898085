/*
 * write_private.h - what stanza_write needs of the writer.  Private to this layer.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "xml/ns.h"
#include "xml/writer.h"

/*
 * Elements in a stanza namespace are written in the namespace TO instead, down to the first
 * element of another.
 */
struct write_map {
	struct str to;
};

static inline bool write_is_stanza_ns(struct str ns)
{
	return str_is(ns, NS_CLIENT) || str_is(ns, NS_SERVER);
}

/* MAP may be NULL. */
void write_node(struct buf *out, const struct xml_node *node, struct str in_ns,
                const struct write_map *map);
/* One of the attributes ATTRS, with its namespace. */
void write_attr(struct buf *out, const struct xml_attr *attrs, const struct xml_attr *attr);
