/*
 * manual.c - the options in jackdaw.conf(5) are those of the tables.
 *
 *     manual                 compare $top_srcdir/doc/jackdaw.conf.5 with the tables
 *     manual --write FILE    put what the tables say into FILE, between its lines ".\" BEGIN x" and ".\" END x"
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/conf.h"
#include "conf/text.h"
#include "conf/value.h"
#include "modules/registry.h"

#include "server/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
	[CONF_BOOL] = "switch", [CONF_INT] = "number", [CONF_BYTES] = "size",
	[CONF_TIME] = "time",   [CONF_TEXT] = "text",  [CONF_LIST] = "list",
	[CONF_CHOICE] = "text",
};

/* ---- what the tables say ---- */

/* A sentence on a line of its own. */
static void print_sentence(struct buf *out, const char *text, const char *behind)
{
	char first = text[0];

	buf_append_byte(out, (char)(first >= 'a' && first <= 'z' ? first - 32 : first));
	buf_printf(out, "%s%s.\n", text + 1, behind);
}

static void print_choices(struct buf *out, const struct conf_option *o)
{
	buf_printf(out, "One of\n");
	for (size_t i = 0; o->choices[i] != NULL; i++) {
		const char *behind = o->choices[i + 1] == NULL   ? " ."
		                     : o->choices[i + 2] == NULL ? "\nor"
		                                                 : " ,";

		buf_printf(out, ".Ql %s%s\n", o->choices[i], behind);
	}
}

/* Folders differ with how the server was configured; the page names the usual ones. */
static void print_default_text(struct buf *out, const struct conf_option *o,
                               struct arena *arena)
{
	struct conf_list items = conf_split(arena, o->def_text);

	if (o->def_text == NULL)
		return;
	buf_printf(out, "Default:\n");
	if (strcmp(o->def_text, JACKDAW_STATEDIR) == 0)
		buf_printf(out, ".Pa /var/lib/jackdaw .\n");
	else if (strcmp(o->def_text, JACKDAW_MODULEDIR) == 0)
		buf_printf(out, "the one that the server was installed with.\n");
	else
		for (size_t i = 0; i < items.n; i++)
			buf_printf(out, ".Ql %s %s\n", items.items[i].p,
			           i + 1 < items.n ? "," : ".");
}

static void print_bounds(struct buf *out, const struct conf_option *o, struct arena *arena)
{
	buf_printf(out, "From " STR_FMT " to " STR_FMT ".\n",
	           STR_ARG(conf_print(arena, o, o->min)),
	           STR_ARG(conf_print(arena, o, o->max)));
}

static void print_option(struct buf *out, const struct conf_option *o, struct arena *arena)
{
	buf_printf(out, ".It Ic %s No = %s\n", o->name, kinds[o->type]);
	print_sentence(out, o->help, "");
	if (o->type == CONF_CHOICE)
		print_choices(out, o);
	if (o->type == CONF_INT || o->type == CONF_BYTES || o->type == CONF_TIME)
		print_bounds(out, o, arena);
	if (o->type == CONF_TEXT || o->type == CONF_LIST)
		print_default_text(out, o, arena);
	else
		buf_printf(out, "Default: " STR_FMT ".\n",
		           STR_ARG(conf_print(arena, o, o->def)));
}

static void print_table(struct buf *out, const struct conf_option *options, struct arena *arena)
{
	buf_printf(out, ".Bl -tag -width Ds\n");
	for (; options->name != NULL; options++)
		print_option(out, options, arena);
	buf_printf(out, ".El\n");
}

static void print_module(struct buf *out, const struct mod_def *def, struct arena *arena)
{
	const char *xep = def->xep == NULL ? "" : arena_printf(arena, " (%s)", def->xep).p;

	buf_printf(out, ".Ss %s\n", def->name);
	print_sentence(out, def->summary, xep);
	if (def->off)
		buf_printf(out, "Off, unless a host names it.\n");
	if (def->options != NULL)
		print_table(out, def->options, arena);
}

/* ---- the page ---- */

/* TEXT in place of what stands between the marks of SECTION. */
static void replace(struct buf *page, const char *section, struct str text, struct arena *arena)
{
	struct str begin = arena_printf(arena, ".\\\" BEGIN %s\n", section);
	struct str end = arena_printf(arena, ".\\\" END %s\n", section);
	char *from = memmem(page->p, page->n, begin.p, begin.n);
	char *to = memmem(page->p, page->n, end.p, end.n);
	struct buf whole = { 0 };

	if (from == NULL || to == NULL) {
		fprintf(stderr, "the page has no lines %s and %s", begin.p, end.p);
		exit(EXIT_FAILURE);
	}
	buf_append(&whole, str_make(page->p, (size_t)(from - page->p) + begin.n));
	buf_append(&whole, text);
	buf_append(&whole, str_make(to, page->n - (size_t)(to - page->p)));
	buf_deinit(page);
	*page = whole;
}

static void renew(struct buf *page)
{
	struct arena *arena = arena_new(4096);
	struct buf server = { 0 }, host = { 0 }, peer = { 0 }, component = { 0 };
	struct buf modules = { 0 };

	print_table(&server, conf_global_table, arena);
	print_table(&host, conf_host_table, arena);
	print_table(&peer, conf_peer_table, arena);
	print_table(&component, conf_component_table, arena);
	for (const struct mod_def *const *def = modules_builtin; *def != NULL; def++)
		print_module(&modules, *def, arena);
	replace(page, "server", buf_str(&server), arena);
	replace(page, "host", buf_str(&host), arena);
	replace(page, "peer", buf_str(&peer), arena);
	replace(page, "component", buf_str(&component), arena);
	replace(page, "modules", buf_str(&modules), arena);
	buf_deinit(&server);
	buf_deinit(&host);
	buf_deinit(&peer);
	buf_deinit(&component);
	buf_deinit(&modules);
	arena_free(&arena);
}

/* ---- the program ---- */

static int compare(const char *file, struct str page, struct str renewed)
{
	int line = 1;

	if (str_eq(page, renewed))
		return EXIT_SUCCESS;
	for (size_t i = 0; i < page.n && i < renewed.n && page.p[i] == renewed.p[i]; i++)
		line += page.p[i] == '\n';
	fprintf(stderr,
	        "%s:%d: is not what the tables say: run  tests/conf/manual --write %s\n", file,
	        line, file);
	return EXIT_FAILURE;
}

static int write_page(const char *file, struct str page)
{
	FILE *to = fopen(file, "w");

	if (to == NULL || fwrite(page.p, 1, page.n, to) != page.n || fclose(to) != 0) {
		perror(file);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	bool writes = argc == 3 && strcmp(argv[1], "--write") == 0;
	const char *top = getenv("top_srcdir");
	struct arena *arena = arena_new(256);
	const char *file =
		writes ? argv[2]
		       : arena_printf(arena, "%s/doc/jackdaw.conf.5", top == NULL ? "." : top)
				 .p;
	struct buf page = { 0 }, renewed = { 0 };
	int status;

	if (text_read(file, &page) < 0) {
		perror(file);
		return EXIT_FAILURE;
	}
	buf_append(&renewed, buf_str(&page));
	renew(&renewed);
	status = writes ? write_page(file, buf_str(&renewed))
	                : compare(file, buf_str(&page), buf_str(&renewed));
	buf_deinit(&page);
	buf_deinit(&renewed);
	arena_free(&arena);
	return status;
}
