/*
 * config.h - what a room is set to (XEP-0045 §10.2), as it is stored.
 *
 * Space "muc-config", version 1, one record for a room:
 *     (empty key) -> version, secret (16 bytes), flags, numbers, texts (config.c)
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/role.h"
#include "server/module.h"

extern const struct store_space muc_config_space;

/* Sets of roles: bits by enum role. */
#define ROLE_BIT(role) (1U << (role))
#define ROLES_ALL \
	(ROLE_BIT(ROLE_VISITOR) | ROLE_BIT(ROLE_PARTICIPANT) | ROLE_BIT(ROLE_MODERATOR))

struct config {
	struct hash_key secret; /* of occupant ids */
	int64_t made_ms;        /* wall clock */
	struct str maker;       /* bare JID */
	/* flags */
	bool is_locked; /* its owner has not configured it yet (§10.1.2) */
	bool is_public, is_persistent, is_members_only, is_moderated;
	bool shows_jids; /* to everybody; else to moderators */
	bool logs;
	bool members_may_invite; /* roomconfig_allowinvites, of a room for members only */
	bool participants_may_change_subject;
	bool is_registrable;       /* people may register, and are members then (§7.10) */
	bool takes_voice_requests; /* of visitors (§7.13) */
	/* numbers */
	uint64_t max_occupants; /* 0: what the service allows */
	uint64_t history;       /* messages for newcomers */
	unsigned pm;            /* roles that may send private messages */
	unsigned broadcast;     /* roles whose presence is shown to others */
	unsigned list_members;  /* roles that may read the list of members */
	/* texts; empty: none */
	struct str name, description, language, password, contact, avatar_hash;
};

/* 0; ERR_NOENT; ERR_CORRUPT.  Texts are borrowed from ARENA, to which they are copied. */
MUST_CHECK int config_read(struct event *ev, struct arena *arena, struct config *config_out);
void config_write(struct event *ev, const struct config *config);
/* Are all flags, numbers and texts the same? */
bool config_eq(const struct config *a, const struct config *b);
