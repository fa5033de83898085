/*
 * disco.h - what the host says of itself (XEP-0030), for those who announce it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

extern const struct mod_def mod_disco;

/* A disco#info query in ARENA with the host's identities, features and forms (XEP-0128). */
struct xml_node *disco_host_info(const struct host *h, struct arena *arena);
