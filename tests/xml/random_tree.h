/*
 * random_tree.h - trees of any shape for property tests, and whether two are the same.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "xml/node.h"

/* A tree with all that XML 1.0 can carry and little of it usual; the same for the same SEED. */
struct xml_node *random_tree(struct arena *arena, unsigned seed);
/* Equal names, attributes in order, and children in order. */
bool same_tree(const struct xml_node *a, const struct xml_node *b);
