/*
 * stamp.c - ids of the archive in messages (XEP-0359), and those that claim to be.
 *
 * A message that comes in may have any <stanza-id/>.  One by the account itself, or by its host, is
 * a lie: it is taken out of what the account sends and of what it gets, archived or not.  The true
 * one goes to the account's own sessions, and to nobody else; that of a room to its occupants.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/private.h"
#include "modules/mam/uid.h"

#include <string.h>

#define IDS_MAX 32 /* in one message: more than there are archives on its way */

/*
 * §4, rule 7: addresses are compared as addresses.  Preparing one costs hundreds of times its bytes:
 * behind the first few, *LEFT of them, all are taken for false.
 */
static bool is_false(struct event *ev, const struct xml_node *child, size_t *left)
{
	struct jid by;

	if (!xml_is(child, NS_STANZA_ID, "stanza-id"))
		return false;
	if (*left == 0)
		return true;
	--*left;
	return jid_parse(ev->arena, xml_attr(child, "by"), &by) == 0 &&
	       (jid_eq(by, entity_jid(ev->entity)) || jid_eq(by, host_jid(ev->host)));
}

static bool has_false(struct event *ev, const struct xml_node *message)
{
	const struct xml_node *child = NULL;
	size_t left = IDS_MAX;

	while ((child = xml_next_child(message, child)) != NULL)
		if (is_false(ev, child, &left))
			return true;
	return false;
}

struct truth {
	struct event *ev;
	size_t left;
};

static bool is_true(void *arg, const struct xml_node *child)
{
	struct truth *truth = arg;

	return !is_false(truth->ev, child, &truth->left);
}

static struct stanza *copy_true(struct event *ev, const struct stanza *s)
{
	struct stanza *copy = ARENA_NEW(ev->arena, struct stanza);
	struct truth truth = { ev, IDS_MAX };

	*copy = *s;
	copy->node = xml_filter(ev->arena, s->node, is_true, &truth);
	copy->inner = NULL;
	return copy;
}

/*
 * Shared content has no tree, and mostly need not be read for it: markup in it is as our writer
 * writes it, so there is no other id than those that stand there as this, and a room's own is no
 * lie.
 */
static bool may_have_ids(struct event *ev, const struct stanza *s)
{
	const struct str begin = STR("<stanza-id");
	struct str text, own, room = jid_bare_str(s->from);
	const char *at;

	if (s->inner == NULL)
		return true;
	text = shared_str(s->inner);
	at = memmem(text.p, text.n, begin.p, begin.n);
	if (at == NULL)
		return false;
	text = str_slice(text, (size_t)(at - text.p), text.n);
	own = arena_printf(ev->arena, "<stanza-id xmlns='" NS_STANZA_ID "' by='" STR_FMT "'",
	                   STR_ARG(room));
	if (!str_starts_with(text, own) || str_eq(room, jid_bare_str(entity_jid(ev->entity))) ||
	    str_eq(room, jid_full_str(host_jid(ev->host))))
		return true;
	return memmem(text.p + begin.n, text.n - begin.n, begin.p, begin.n) != NULL;
}

const struct stanza *mam_strip(struct event *ev, const struct stanza *s)
{
	const struct stanza *tree = s;

	if (!may_have_ids(ev, s))
		return s;
	if (s->inner != NULL)
		tree = stanza_unshare(ev->arena, s);
	return tree == NULL || !has_false(ev, tree->node) ? s : copy_true(ev, tree);
}

const struct stanza *stamp_add(struct mod *m, struct event *ev, const struct stanza *s,
                               uint64_t id)
{
	const struct mam_entity *state = mod_entity_state(m, ev->entity);
	struct stanza *copy = copy_true(ev, s);
	struct xml_node *node;

	node = xml_add(ev->arena, stanza_node(copy), NS_STANZA_ID, "stanza-id");
	xml_set(ev->arena, node, "by", jid_bare_str(entity_jid(ev->entity)));
	xml_set(ev->arena, node, "id", uid_format(ev->arena, &state->archive.secret, id));
	return copy;
}

const struct stanza *mam_stamp(struct event *ev, const struct stanza *s)
{
	struct mod *m = host_module(ev->host, &mod_mam);

	if (ev->archive_id == 0 || m == NULL)
		return s;
	if (s->inner != NULL)
		s = stanza_unshare(ev->arena, s);
	ASSERT(s != NULL); /* it was read when it was archived */
	return stamp_add(m, ev, s, ev->archive_id);
}
