/*
 * early.h - an iq from a client that has not authenticated: registration.
 *
 * The stream is held until the answer, so a client has one such iq under way at most.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/core.h"

/* Offer ELEMENT to the modules: true when one took it, and ARENA with it. */
bool early_take(struct c2s *c, struct arena *arena, struct xml_node *element);
