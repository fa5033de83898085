/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/config.h"

#include <string.h>

const struct store_space muc_config_space = { .name = "muc-config", .version = 1 };

/* In the order of the record; what is added goes to the end of its list. */
static const size_t flags[] = {
	offsetof(struct config, is_locked),
	offsetof(struct config, is_public),
	offsetof(struct config, is_persistent),
	offsetof(struct config, is_members_only),
	offsetof(struct config, is_moderated),
	offsetof(struct config, shows_jids),
	offsetof(struct config, logs),
	offsetof(struct config, members_may_invite),
	offsetof(struct config, participants_may_change_subject),
	offsetof(struct config, is_registrable),
	offsetof(struct config, takes_voice_requests),
};
static const size_t role_sets[] = {
	offsetof(struct config, pm),
	offsetof(struct config, broadcast),
	offsetof(struct config, list_members),
};
static const size_t texts[] = {
	offsetof(struct config, maker),       offsetof(struct config, name),
	offsetof(struct config, description), offsetof(struct config, language),
	offsetof(struct config, password),    offsetof(struct config, contact),
	offsetof(struct config, avatar_hash),
};

#define FIELD(type, config, at) (*(type *)((char *)(config) + (at)))
#define CONST_FIELD(type, config, at) (*(const type *)((const char *)(config) + (at)))

int config_read(struct event *ev, struct arena *arena, struct config *config_out)
{
	struct record_reader r;
	struct str value, secret;
	uint64_t bits;
	int err = event_find(ev, &muc_config_space, STR(""), &value);

	if (err < 0)
		return err;
	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	secret = record_str(&r);
	if (secret.n != sizeof(config_out->secret.bytes))
		return ERR_CORRUPT;
	memcpy(config_out->secret.bytes, secret.p, secret.n);
	config_out->made_ms = record_i64(&r);
	bits = record_u64(&r);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		FIELD(bool, config_out, flags[i]) = (bits >> i & 1) != 0;
	config_out->max_occupants = record_u64(&r);
	config_out->history = record_u64(&r);
	for (size_t i = 0; i < ARRAY_LEN(role_sets); i++)
		FIELD(unsigned, config_out, role_sets[i]) = (unsigned)record_u64(&r);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		FIELD(struct str, config_out, texts[i]) = arena_copy(arena, record_str(&r));
	return record_end(&r);
}

void config_write(struct event *ev, const struct config *config)
{
	struct record_writer w;
	uint64_t bits = 0;

	record_begin(&w, 1);
	record_put_str(
		&w, str_make((const char *)config->secret.bytes, sizeof(config->secret.bytes)));
	record_put_i64(&w, config->made_ms);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		bits |= (uint64_t)CONST_FIELD(bool, config, flags[i]) << i;
	record_put_u64(&w, bits);
	record_put_u64(&w, config->max_occupants);
	record_put_u64(&w, config->history);
	for (size_t i = 0; i < ARRAY_LEN(role_sets); i++)
		record_put_u64(&w, CONST_FIELD(unsigned, config, role_sets[i]));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		record_put_str(&w, CONST_FIELD(struct str, config, texts[i]));
	event_put(ev, &muc_config_space, STR(""), record_finish(&w, ev->arena));
}

bool config_eq(const struct config *a, const struct config *b)
{
	bool eq = a->max_occupants == b->max_occupants && a->history == b->history;

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		eq = eq && CONST_FIELD(bool, a, flags[i]) == CONST_FIELD(bool, b, flags[i]);
	for (size_t i = 0; i < ARRAY_LEN(role_sets); i++)
		eq = eq && CONST_FIELD(unsigned, a, role_sets[i]) ==
		                   CONST_FIELD(unsigned, b, role_sets[i]);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		eq = eq && str_eq(CONST_FIELD(struct str, a, texts[i]),
		                  CONST_FIELD(struct str, b, texts[i]));
	return eq;
}
