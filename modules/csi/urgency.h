/*
 * urgency.h - can a stanza wait for a client whose user is not looking?
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

enum urgency {
	URGENT,
	CAN_WAIT,    /* presence: only the last of an address matters */
	CAN_BE_LOST, /* chat states alone (XEP-0085), or a carbon copy of such */
};
enum urgency urgency_of(const struct stanza *s);
