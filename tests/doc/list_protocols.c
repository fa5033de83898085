/*
 * list_protocols.c - doc/protocols.md and doc/jackdaw.doap out of server/core/protocols.c and the modules' descriptors.
 *
 *     list_protocols          compare both files with what the code says; the test
 *     list_protocols renew    write them
 *
 * Both lie below $top_srcdir, or the folder of the call.  The XEPs in the descriptors and the rows of the table that
 * leave their revision to a descriptor must be the same.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/registry.h"
#include "server/base/buf.h"
#include "server/core/protocols.h"
#include "xml/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the descriptors ---- */

/* "XEP-0199 2.0.1" cut off *REST, which is a descriptor's list; false when it is not of that form. */
static bool cut_xep(struct str *rest, uint64_t *number_out, struct str *version_out)
{
	struct str item = str_trim(str_cut(rest, ','));
	struct str number = str_cut(&item, ' ');

	*version_out = str_trim(item);
	return str_starts_with(number, STR("XEP-")) && number.n == strlen("XEP-0000") &&
	       str_to_u64(str_slice(number, 4, number.n), number_out) == 0 &&
	       !str_is_empty(*version_out);
}

static const struct protocol_xep *find_row(uint64_t number)
{
	for (const struct protocol_xep *x = protocol_xeps; x->number != 0; x++)
		if (x->number == number)
			return x;
	return NULL;
}

/* The module whose descriptor has the XEP of that number, with the revision; NULL: none. */
static const struct mod_def *find_module(unsigned wanted, struct str *version_out)
{
	for (const struct mod_def *const *m = modules_builtin; *m != NULL; m++) {
		struct str rest = str_of((*m)->xep);
		uint64_t number;

		while (!str_is_absent(rest))
			if (cut_xep(&rest, &number, version_out) && number == wanted)
				return *m;
	}
	return NULL;
}

static unsigned check_descriptor(const struct mod_def *m)
{
	struct str rest = str_of(m->xep), version;
	unsigned faults = 0;
	uint64_t number;

	while (!str_is_absent(rest)) {
		const struct protocol_xep *row;

		if (!cut_xep(&rest, &number, &version)) {
			printf("module %s: .xep = \"%s\": expected \"XEP-0199 2.0.1\", more "
			       "behind \", \"\n",
			       m->name, m->xep);
			return faults + 1;
		}
		row = find_row(number);
		if (row != NULL && row->version == NULL)
			continue;
		printf("module %s: server/core/protocols.c needs a row for XEP-%04u, its "
		       "version NULL\n",
		       m->name, (unsigned)number);
		faults++;
	}
	return faults;
}

/* Every XEP of a module has its row, every such row its module, and rows are in order and say what they must. */
static unsigned check_tables(void)
{
	unsigned faults = 0, before = 0;
	struct str version;

	for (const struct mod_def *const *m = modules_builtin; *m != NULL; m++)
		faults += check_descriptor(*m);
	for (const struct protocol_xep *x = protocol_xeps; x->number != 0; x++) {
		if (x->version == NULL && find_module(x->number, &version) == NULL) {
			printf("XEP-%04u: has no version, and no module's descriptor names "
			       "it\n",
			       x->number);
			faults++;
		}
		if (x->number <= before || (x->status == PROTOCOL_PARTIAL && x->note == NULL)) {
			printf("XEP-%04u: out of order, or partial without a note\n",
			       x->number);
			faults++;
		}
		before = x->number;
	}
	before = 0;
	for (const struct protocol_rfc *r = protocol_rfcs; r->number != 0; r++) {
		if (r->number <= before || (r->status == PROTOCOL_PARTIAL && r->note == NULL)) {
			printf("RFC %u: out of order, or partial without a note\n", r->number);
			faults++;
		}
		before = r->number;
	}
	return faults;
}

static struct str version_of(const struct protocol_xep *x)
{
	struct str version = STR("");

	if (x->version != NULL)
		return str_of(x->version);
	find_module(x->number, &version);
	return version;
}

static const char *status_name(enum protocol_status status)
{
	return status == PROTOCOL_COMPLETE ? "complete" : "partial";
}

/* ---- what is tested where ---- */

/* Files below tests/, separated by spaces. */
static const struct behaviour {
	const char *what, *module, *tests;
} behaviours[] = {
	{ "roster: get, set, remove, pushes, versions (RFC 6121 §2)", "roster",
	  "modules/check_roster.c" },
	{ "subscriptions, every row of appendix A; approval in advance; requests (§3)",
	  "roster", "modules/check_subscription.c modules/check_subscribe.c crash/rosters" },
	{ "presence: initial, updated, unavailable, directed, probes, priorities (§4)",
	  "presence, roster", "modules/check_presence.c modules/check_subscribe.c" },
	{ "delivery, every cell of §8.5", "core",
	  "core/check_delivery.c conformance/cases/delivery.py" },
	{ "stream management, resumption over kill -9", "core",
	  "core/check_sm.c core/check_sm_records.c core/check_outbox.c "
	  "modules/check_resuming.c conformance/cases/sm.py conformance/cases/sm_resume.py "
	  "conformance/cases/sm_end.py conformance/cases/sm_restart.py "
	  "conformance/cases/resuming.py crash/audit interop/resuming.py" },
	{ "searches of archives, retention, erasing", "mam",
	  "modules/check_mam_fulltext.c modules/check_mam_words.c "
	  "modules/check_mam_retention.c" },
	{ "groups that are shared", "roster", "modules/check_shared.c" },
	{ "messages for who is away", "offline",
	  "modules/check_offline.c modules/check_offline_store.c crash/offline" },
	{ "their flexible retrieval", "offline", "modules/check_flexible.c" },
	{ "archives: what is in them, queries, preferences, retractions", "mam",
	  "modules/check_mam.c modules/check_mam_query.c modules/check_mam_prefs.c "
	  "modules/check_mam_retract.c modules/check_mam_archive.c modules/check_mam_large.c" },
	{ "archives of rooms", "mam",
	  "modules/check_mam_room.c modules/check_mam_room_query.c" },
	{ "copies for other devices", "carbons",
	  "modules/check_carbons.c conformance/cases/devices.py" },
	{ "less for clients that are inactive", "csi", "modules/check_csi.c" },
	{ "vCards, avatars in presence", "vcard", "modules/check_vcard.c" },
	{ "private XML", "private", "modules/check_private.c" },
	{ "blocking, reports, privacy lists", "blocking",
	  "modules/check_blocking.c modules/check_report.c modules/check_privacy.c" },
	{ "last activity", "last", "modules/check_last.c" },
	{ "the directory", "search", "modules/check_search.c" },
	{ "contact addresses, disco", "contact, disco",
	  "modules/check_contact.c modules/check_disco.c" },
	{ "capabilities", "caps",
	  "modules/check_caps.c modules/check_caps_ver.c fuzz/fuzz_caps.c" },
	{ "registration, and the end of an account", "register, core",
	  "modules/check_register.c modules/check_removal.c core/check_account.c "
	  "conformance/cases/removal.py" },
	{ "passwords that are known elsewhere", "core",
	  "stream/check_checkpass.c core/check_elsewhere.c shard/check_errand.c" },
	{ "other servers: DNS, connecting, certificates, DANE", "core",
	  "net/check_resolve.c net/check_resolve_order.c net/check_resolve_rdata.c "
	  "net/check_connect.c net/check_peer.c net/check_dane.c net/check_tls_client.c" },
	{ "streams between servers, dialback, EXTERNAL", "core",
	  "stream/check_s2s.c stream/check_s2s_peer.c stream/check_dialback.c "
	  "fuzz/fuzz_s2s.c" },
	{ "what is between servers, and with other people's servers", "core",
	  "federation/run" },
	{ "all of it with other people's clients", "", "interop/run" },
};

static bool is_in_tests(struct str name)
{
	const char *top = getenv("top_srcdir");
	char path[512];

	snprintf(path, sizeof(path), "%s/tests/" STR_FMT, top == NULL ? "." : top,
	         STR_ARG(name));
	return access(path, R_OK) == 0;
}

static struct str cut_word(struct str *rest)
{
	const char *at = memchr(rest->p, ' ', rest->n);
	size_t n = at == NULL ? rest->n : (size_t)(at - rest->p);
	struct str word = str_make(rest->p, n);

	*rest = at == NULL ? str_make("", 0) : str_make(at + 1, rest->n - n - 1);
	return word;
}

static unsigned check_behaviours(void)
{
	unsigned faults = 0;

	for (size_t i = 0; i < ARRAY_LEN(behaviours); i++)
		for (struct str rest = str_of(behaviours[i].tests); rest.n > 0;) {
			struct str name = cut_word(&rest);

			if (is_in_tests(name))
				continue;
			printf("%s: there is no tests/" STR_FMT "\n", behaviours[i].what,
			       STR_ARG(name));
			faults++;
		}
	return faults;
}

static void print_behaviours(struct buf *out)
{
	buf_append(out, STR("\n## What is tested where\n\n"
	                    "| what | module | tests |\n|---|---|---|\n"));
	for (size_t i = 0; i < ARRAY_LEN(behaviours); i++) {
		struct str rest = str_of(behaviours[i].tests);

		buf_printf(out, "| %s | %s |", behaviours[i].what, behaviours[i].module);
		while (rest.n > 0) {
			struct str name = cut_word(&rest);

			buf_printf(out, " `tests/" STR_FMT "`", STR_ARG(name));
		}
		buf_append(out, STR(" |\n"));
	}
}

/* ---- doc/protocols.md ---- */

static void print_markdown(struct buf *out)
{
	struct str version;

	buf_append(out, STR("# What Jackdaw speaks\n\n"
	                    "Printed from `server/core/protocols.c` and the descriptors of the "
	                    "modules by\n"
	                    "`tests/doc/list_protocols renew`; do not edit. `jackdaw.doap` "
	                    "beside it says the same to\n"
	                    "programs (XEP-0453). \"Partial\" is followed by what there is, or "
	                    "what is missing.\n\n"
	                    "## RFCs\n\n"
	                    "| RFC | title | status | note |\n|---|---|---|---|\n"));
	for (const struct protocol_rfc *r = protocol_rfcs; r->number != 0; r++)
		buf_printf(out,
		           "| [%u](https://www.rfc-editor.org/rfc/rfc%u) | %s | %s | %s |\n",
		           r->number, r->number, r->title, status_name(r->status),
		           r->note == NULL ? "" : r->note);
	buf_append(out, STR("\n## XEPs\n\n"
	                    "| XEP | title | revision | status | since | where | note "
	                    "|\n|---|---|---|---|---|---|---|\n"));
	for (const struct protocol_xep *x = protocol_xeps; x->number != 0; x++) {
		const struct mod_def *m =
			x->version == NULL ? find_module(x->number, &version) : NULL;

		buf_printf(out,
		           "| [%04u](https://xmpp.org/extensions/xep-%04u.html) | %s | " STR_FMT
		           " | %s | %s | %s%s | %s |\n",
		           x->number, x->number, x->title, STR_ARG(version_of(x)),
		           status_name(x->status), x->since, m == NULL ? "core" : "module ",
		           m == NULL ? "" : m->name, x->note == NULL ? "" : x->note);
	}
	print_behaviours(out);
}

/* ---- doc/jackdaw.doap ---- */

static void print_leaf(struct buf *out, const char *name, struct str text)
{
	buf_printf(out, "        <%s>", name);
	xml_write_text(out, text);
	buf_printf(out, "</%s>\n", name);
}

static void print_xep(struct buf *out, const struct protocol_xep *x)
{
	buf_printf(out,
	           "    <implements>\n      <xmpp:SupportedXep>\n"
	           "        <xmpp:xep "
	           "rdf:resource='https://xmpp.org/extensions/xep-%04u.html'/>\n",
	           x->number);
	print_leaf(out, "xmpp:status", str_of(status_name(x->status)));
	print_leaf(out, "xmpp:version", version_of(x));
	print_leaf(out, "xmpp:since", str_of(x->since));
	if (x->note != NULL) {
		buf_append(out, STR("        <xmpp:note xml:lang='en'>"));
		xml_write_text(out, str_of(x->note));
		buf_append(out, STR("</xmpp:note>\n"));
	}
	buf_append(out, STR("      </xmpp:SupportedXep>\n    </implements>\n"));
}

static void print_doap(struct buf *out)
{
	buf_append(
		out,
		STR("<?xml version='1.0' encoding='UTF-8'?>\n"
	            "<!-- Printed by tests/doc/list_protocols renew; do not edit. -->\n"
	            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'\n"
	            "         xmlns='http://usefulinc.com/ns/doap#'\n"
	            "         xmlns:xmpp='https://linkmauve.fr/ns/xmpp-doap#'>\n"
	            "  <Project>\n"
	            "    <name>Jackdaw</name>\n"
	            "    <shortdesc xml:lang='en'>"
	            "XMPP server for people who run their own messaging</shortdesc>\n"
	            "    <description xml:lang='en'>"
	            "An XMPP server in C: one program, ready in a minute on a small machine "
	            "and "
	            "able to fill a large one, that keeps on disk what it has acknowledged."
	            "</description>\n"
	            "    <license rdf:resource='https://spdx.org/licenses/MIT.html'/>\n"
	            "    <programming-language>C</programming-language>\n"
	            "    <os>Linux</os>\n"
	            "    <category "
	            "rdf:resource='https://linkmauve.fr/ns/xmpp-doap#category-server'/>\n\n"));
	for (const struct protocol_rfc *r = protocol_rfcs; r->number != 0; r++)
		buf_printf(out,
		           strstr(r->title, "XMPP") != NULL
		                   ? "    <implements "
		                     "rdf:resource='https://xmpp.org/rfcs/rfc%u.html'/>\n"
		                   : "    <implements "
		                     "rdf:resource='https://www.rfc-editor.org/rfc/rfc%u'/>\n",
		           r->number);
	buf_append_byte(out, '\n');
	for (const struct protocol_xep *x = protocol_xeps; x->number != 0; x++)
		print_xep(out, x);
	buf_append(out, STR("  </Project>\n</rdf:RDF>\n"));
}

/* ---- the files ---- */

static const struct document {
	const char *file;
	void (*print)(struct buf *out);
} documents[] = {
	{ "doc/protocols.md", print_markdown },
	{ "doc/jackdaw.doap", print_doap },
};

static FILE *open_document(const struct document *d, const char *mode)
{
	const char *top = getenv("top_srcdir");
	struct buf path = { 0 };
	FILE *file;

	buf_printf(&path, "%s/%s", top == NULL ? "." : top, d->file);
	buf_append_byte(&path, '\0');
	file = fopen(path.p, mode);
	buf_deinit(&path);
	return file;
}

static bool is_renewed(const struct document *d)
{
	FILE *file = open_document(d, "we");
	struct buf text = { 0 };
	bool done;

	if (file == NULL)
		return false;
	d->print(&text);
	done = fwrite(text.p, 1, text.n, file) == text.n;
	done = fclose(file) == 0 && done;
	buf_deinit(&text);
	return done;
}

static bool is_fresh(const struct document *d)
{
	FILE *file = open_document(d, "re");
	struct buf wanted = { 0 }, found = { 0 };
	bool same;
	size_t n;

	if (file == NULL)
		return false;
	d->print(&wanted);
	while ((n = fread(buf_reserve(&found, 4096), 1, 4096, file)) > 0)
		found.n += n;
	fclose(file);
	same = str_eq(buf_str(&wanted), buf_str(&found));
	buf_deinit(&wanted);
	buf_deinit(&found);
	return same;
}

int main(int argc, char **argv)
{
	bool renew = argc == 2 && strcmp(argv[1], "renew") == 0;
	unsigned faults = check_tables() + check_behaviours(), total = 1;

	if (argc > 1 && !renew) {
		fputs("usage: list_protocols [renew]\n", stderr);
		return EXIT_FAILURE;
	}
	if (faults > 0)
		faults = 1;
	for (size_t i = 0; i < ARRAY_LEN(documents); i++, total++) {
		if (renew ? is_renewed(&documents[i]) : is_fresh(&documents[i]))
			continue;
		faults++;
		if (renew)
			perror(documents[i].file);
		else
			printf("%s is not what the code says: run \"%s renew\" and commit it\n",
			       documents[i].file, argv[0]);
	}
	printf("%u passed, %u failed, 0 skipped\n", total - faults, faults);
	return faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
