/*
 * caps.c - what a client of the storm can do, as it tells others (XEP-0115, XEP-0030).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/caps.h"

#define NS_INFO "http://jabber.org/protocol/disco#info"
#define FEATURE(name) "<feature var='" name "'/>"

/* clang-format off */
static const char info[] =
	"<query xmlns='" NS_INFO "' node='" CAPS_NODE "#" CAPS_VER "'>"
	"<identity category='client' type='pc' name='load'/>"
	FEATURE("http://jabber.org/protocol/caps")
	FEATURE(NS_INFO)
	FEATURE("jabber:iq:version")
	FEATURE("urn:xmpp:carbons:2")
	FEATURE("urn:xmpp:ping")
	FEATURE("urn:xmpp:receipts")
	FEATURE("urn:xmpp:time")
	"</query></iq>";
/* clang-format on */

void caps_answer(struct piece stanza, struct buf *out)
{
	struct piece id = piece_attribute(stanza, "id");
	struct piece from = piece_attribute(stanza, "from");

	if (!piece_is(piece_attribute(stanza, "type"), "get") || !piece_has(stanza, NS_INFO))
		return;
	buf_addf(out, "<iq type='result' id='%.*s'", (int)id.n, id.p);
	if (from.n > 0)
		buf_addf(out, " to='%.*s'", (int)from.n, from.p);
	buf_addf(out, ">%s", info);
}
