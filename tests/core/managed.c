/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/core/managed.h"

#include "tests/core/court.h"

#include <string.h>

#define BIG 200000

struct client *managed_resume(struct world *w, const char *full, const char *id, unsigned has,
                              unsigned h)
{
	struct client *c = client_enter(w, full);

	client_printf(c, "<resume xmlns='" NS_SM "' previd='%s' h='%u'/>", id, has);
	client_expectf(c, "<resumed xmlns='" NS_SM "' previd='%s' h='%u'/>", id, h);
	c->jid = arena_copy(w->arena, str_of(full)).p;
	c->managed = true;
	return c;
}

void managed_expect(struct client *c, const char *id)
{
	const struct xml_node *node = client_next(c);
	struct str found = xml_attr(node, "id");

	ck_assert_msg(xml_in_ns(node, NS_CLIENT) && str_is(found, id),
	              "%s expected %s, and got " STR_FMT " " STR_FMT, c->jid, id,
	              STR_ARG(node->name), STR_ARG(found));
}

void managed_expect_handled(struct client *c, unsigned h)
{
	client_send(c, "<r xmlns='" NS_SM "'/>");
	client_expectf(c, "<a xmlns='" NS_SM "' h='%u'/>", h);
}

void managed_expect_sent(struct client *c, unsigned n)
{
	client_printf(c, "<a xmlns='" NS_SM "' h='%u'/>", n);
	client_printf(c, "<a xmlns='" NS_SM "' h='%u'/>", n + 1);
	client_expectf(c,
	               "<stream:error><undefined-condition xmlns='" NS_STREAM_ERROR
	               "'/><handled-count-too-high xmlns='" NS_SM
	               "' h='%u' send-count='%u'/></stream:error>",
	               n + 1, n);
}

const char *managed_big_text(struct world *w)
{
	char *text = arena_zalloc(w->arena, BIG + 1);

	memset(text, 'x', BIG);
	return text;
}

void managed_send_big(struct client *c, const char *id, const char *to)
{
	client_printf(c, "<message id='%s' to='%s' type='chat'><body>%s</body></message>", id,
	              to, managed_big_text(c->world));
}

void managed_fill_disk(struct world *w)
{
	struct client *c = client_login(w, "juliet@a.example/filler");

	client_send(c, COURT_SET("1", "put key='k' bytes='150000'"));
	client_expect(c, RESULT("1"));
	client_send(c, COURT_SET("2", "put key='k' bytes='10'"));
	client_expect(c, RESULT("2"));
	client_send(c, COURT_SET("3", "put key='k' bytes='11'"));
	client_expect(c, RESULT("3"));
	client_close(&c);
	world_fill_disk(w, true);
}
