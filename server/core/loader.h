/*
 * loader.h - which modules there are: those built in, and shared objects that the configuration
 * names.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "conf/conf.h"
#include "server/module.h"

struct module_list {
	const struct mod_def **defs;       /* in the order of CONF, NULL-terminated */
	struct conf_module *conf;          /* the same as the configuration sees them */
	const struct store_space **spaces; /* of all, NULL-terminated */
	size_t n;
};

/*
 * BUILTIN (NULL-terminated) and the shared objects that CONF_FILE names, which stay loaded for
 * the life of the process. Mistakes were logged: ERR_CONFIG.  Thread: main.
 */
MUST_CHECK int modules_load(const char *conf_file, const struct mod_def *const *builtin,
                            struct module_list *list_out);
void modules_free(struct module_list *list);

/*
 * What conf_read needs, for the modules of LIST (NULL: none); mistakes become lines of the log.
 */
struct conf_context modules_conf_context(const struct module_list *list);
