/*
 * escape.c - character data and attribute values as XML.
 *
 * A table says of each byte whether it can be copied as it is; runs of such bytes are copied at
 * once.  Values come from expat, or from configuration and modules: what XML 1.0 cannot carry,
 * and broken UTF-8, becomes U+FFFD, so that no peer ever gets a stream that is not well-formed.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/put.h"
#include "xml/utf8.h"
#include "xml/writer.h"

enum {
	PLAIN,     /* copied */
	SPACE,     /* tab, line feed: escaped in values */
	MARKUP,    /* always escaped */
	FORBIDDEN, /* not XML: U+FFFD */
	LONG,      /* begins more than one byte, perhaps wrongly */
};

/* clang-format off */
#define ROW(v) v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v
static const uint8_t classes[256] = {
	3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 3, 3, 2, 3, 3,
	ROW(3),
	0, 0, 2, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, /* " & ' */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 0, /* < > */
	ROW(0), ROW(0), ROW(0), ROW(0),
	ROW(4), ROW(4), ROW(4), ROW(4), ROW(4), ROW(4), ROW(4), ROW(4),
};
#undef ROW
/* clang-format on */

static struct str escape_of(char c)
{
	switch (c) {
	case '&':
		return STR("&amp;");
	case '<':
		return STR("&lt;");
	case '>':
		return STR("&gt;");
	case '"':
		return STR("&quot;");
	case '\'':
		return STR("&apos;");
	case '\t':
		return STR("&#9;");
	case '\n':
		return STR("&#10;");
	case '\r':
		return STR("&#13;");
	default:
		return STR("\xEF\xBF\xBD");
	}
}

static void escape(struct buf *out, struct str text, bool in_value)
{
	size_t from = 0;
	size_t i = 0;

	if (text.n == 0) /* perhaps absent */
		return;
	while (i < text.n) {
		unsigned kind = classes[(unsigned char)text.p[i]];
		size_t step = 1;

		if (kind == PLAIN || (kind == SPACE && !in_value)) {
			i++;
			continue;
		}
		if (kind == LONG) {
			uint32_t cp;

			step = utf8_step(text.p + i, text.n - i, &cp);
			if (step > 0 && utf8_is_xml_char(cp)) {
				i += step;
				continue;
			}
			if (step == 0)
				step = 1;
		}
		put_bytes(out, text.p + from, i - from);
		put_str(out, escape_of(text.p[i]));
		i += step;
		from = i;
	}
	put_bytes(out, text.p + from, i - from);
}

void xml_write_text(struct buf *out, struct str text)
{
	escape(out, text, false);
}

void xml_write_value(struct buf *out, struct str text)
{
	escape(out, text, true);
}
