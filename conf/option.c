/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/option.h"

#include "conf/value.h"

void conf_defaults(struct arena *arena, const struct conf_option *options, void *values)
{
	for (const struct conf_option *o = options; o != NULL && o->name != NULL; o++) {
		void *at = (char *)values + o->offset;

		switch (o->type) {
		case CONF_BOOL:
			*(bool *)at = o->def != 0;
			break;
		case CONF_TEXT:
			*(struct str *)at =
				o->def_text == NULL ? STR_NONE : str_of(o->def_text);
			break;
		case CONF_LIST:
			*(struct conf_list *)at = conf_split(arena, o->def_text);
			break;
		default:
			*(int64_t *)at = o->def;
			break;
		}
	}
}
