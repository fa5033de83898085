/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/command.h"

#include "server/base/mem.h"
#include "server/core/account.h"
#include "server/core/entity.h"
#include "server/module.h"
#include "server/store/names.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define LIST_MAX 10000 /* accounts in one answer */

struct str command_field(const struct command_call *call, const char *var)
{
	return call->form == NULL ? STR_NONE : form_get(call->arena, call->form, var);
}

const struct command *command_find(struct str name)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (str_is(name, c->name))
			return c;
	return NULL;
}

/* ---- accounts ---- */

static bool read_account_jid(struct command_call *call, struct jid *jid_out)
{
	struct str text = command_field(call, "accountjid");

	if (jid_parse(call->arena, text, jid_out) < 0 || jid_is_domain(*jid_out) ||
	    !jid_is_bare(*jid_out)) {
		call->done(call, ERR_INVALID, "an account is named user@host");
		return false;
	}
	if (host_of_accounts(call->core, jid_domain(*jid_out)) == NULL) {
		call->done(call, ERR_NOENT, "no such host is served here");
		return false;
	}
	return true;
}

static const char *explain(int err)
{
	switch (err) {
	case ERR_EXISTS:
		return "there is such an account already";
	case ERR_RESTING:
		return "an account of this name was removed lately, and the name rests "
		       "(name-reuse): give it out all the same with --force";
	case ERR_NOENT:
		return "there is no such account";
	case ERR_INVALID:
		return "the password is empty, too long, or has characters that no password "
		       "may have";
	case ERR_DENIED:
		return "this host asks saslauthd about passwords: set it there, and make an "
		       "account here with an empty one";
	case ERR_FULL:
		return "the disk is full: nothing was changed";
	default:
		return err_str(err);
	}
}

static void on_account_done(struct core *core, void *arg, int err)
{
	struct command_call *call = arg;

	call->done(call, err, err < 0 ? explain(err) : NULL);
}

static void account_add(struct command_call *call)
{
	bool force = false;
	struct jid jid;

	if (call->form != NULL &&
	    form_get_bool(call->arena, call->form, "force", &force) == ERR_INVALID)
		call->done(call, ERR_INVALID, "force is true or false");
	else if (read_account_jid(call, &jid))
		(force ? account_create_anyway
		       : account_create)(call->core, jid, command_field(call, "password"),
		                         on_account_done, call);
}

static void account_passwd(struct command_call *call)
{
	struct jid jid;

	if (read_account_jid(call, &jid))
		account_set_password(call->core, jid, command_field(call, "password"),
		                     on_account_done, call);
}

static void account_delete(struct command_call *call)
{
	struct jid jid;

	if (read_account_jid(call, &jid))
		account_remove(call->core, jid, on_account_done, call);
}

struct listing {
	struct command_call *call;
	size_t n;
};

/* Returns 1, which ends the walk, when there are more than can be told. */
static int add_name(void *arg, struct str bare, uint64_t owner)
{
	struct listing *l = arg;
	struct arena *arena = l->call->arena;

	if (l->n == LIST_MAX)
		return 1;
	l->n++;
	form_cell(arena, form_item(arena, l->call->result), "accountjid",
	          arena_copy(arena, bare));
	return 0;
}

static void account_list(struct command_call *call)
{
	struct core *core = call->core;
	struct str wanted = command_field(call, "host");
	struct listing l = { .call = call };
	int err = 0;

	if (!str_is_empty(wanted) && host_of_accounts(core, wanted) == NULL) {
		call->done(call, ERR_NOENT, "no such host is served here");
		return;
	}
	form_reported(call->arena, call->result, "accountjid", "Account");
	for (size_t i = 0; i < core->n_hosts && err == 0; i++)
		if (core->hosts[i].served == NULL &&
		    (str_is_empty(wanted) || str_eq(wanted, host_name(&core->hosts[i]))))
			err = names_scan(core->view, host_name(&core->hosts[i]), STR_NONE, 0,
			                 add_name, &l);
	if (err < 0)
		call->done(call, err, err_str(err));
	else
		call->done(call, 0,
		           err == 0 ? NULL : "there are more than can be listed at once");
}

/* ---- the server ---- */

/* Asks one shard after the other, and ends at home. */
struct survey {
	struct shard_msg msg;
	struct command_call *call;
	struct shard *home;
	unsigned next;
	struct core_figures sum;
	size_t sessions, streams, entities;
};

static void put_figure(struct command_call *call, const char *var, const char *label,
                       uint64_t value)
{
	form_field(call->arena, call->result, FIELD_TEXT_SINGLE, var, label,
	           arena_printf(call->arena, "%llu", (unsigned long long)value));
}

static void report(struct survey *s)
{
	struct command_call *call = s->call;
	struct server *server = call->core->server;
	struct store_figures store = store_figures(server->store);

	form_field(call->arena, call->result, FIELD_TEXT_SINGLE, "version", "Version",
	           STR(JACKDAW_VERSION));
	put_figure(call, "uptime", "Uptime in seconds",
	           (uint64_t)(core_wall_ms(call->core) - server->started_ms) / 1000);
	put_figure(call, "shards", "Shards", shard_group_count(server->shards));
	put_figure(call, "sessions", "Bound sessions", s->sessions);
	put_figure(call, "streams", "Client streams", s->streams);
	put_figure(call, "entities", "Entities loaded", s->entities);
	put_figure(call, "logins", "Logins", s->sum.logins);
	put_figure(call, "failed-logins", "Wrong passwords", s->sum.failed_logins);
	put_figure(call, "stanzas-in", "Stanzas from clients", s->sum.stanzas_in);
	put_figure(call, "stanzas-out", "Stanzas to clients", s->sum.stanzas_out);
	put_figure(call, "commits", "Commits", store.commits);
	put_figure(call, "batches", "Batches committed", store.batches);
	put_figure(call, "batches-failed", "Batches failed", store.failed_batches);
	put_figure(call, "commit-us", "Mean commit in microseconds",
	           store.commits == 0 ? 0 : store.commit_us_total / store.commits);
	put_figure(call, "store-bytes", "Bytes stored", store.bytes_used);
	call->done(call, 0, NULL);
}

static void visit(struct shard *here, struct shard_msg *msg)
{
	struct survey *s = CONTAINER_OF(msg, struct survey, msg);
	struct shard_group *group = shard_group_of(here);
	struct core *core = core_of(here);

	if (s->next > shard_group_count(group)) {
		report(s);
		free(s);
		return;
	}
	if (core != NULL) {
		s->sum.logins += core->figures.logins;
		s->sum.failed_logins += core->figures.failed_logins;
		s->sum.stanzas_in += core->figures.stanzas_in;
		s->sum.stanzas_out += core->figures.stanzas_out;
		s->sessions += core->n_sessions;
		s->streams += core->c2s.n_all;
		s->entities += core->n_entities;
	}
	s->next++;
	shard_post(here,
	           s->next > shard_group_count(group) ? s->home
	                                              : shard_group_at(group, s->next - 1),
	           &s->msg);
}

static void server_status(struct command_call *call)
{
	struct survey *s = MEM_NEW(struct survey);
	struct shard_group *group = shard_group_of(call->core->shard);

	s->call = call;
	s->home = call->core->shard;
	s->next = 1;
	s->msg.run = visit;
	shard_post(s->home, shard_group_at(group, 0), &s->msg);
}

/* Main waits for signals: the one way to it. */
static void ask_main(struct command_call *call, int signal_number, const char *text)
{
	if (call->core->server->mode == SERVER_LOCAL) {
		call->done(call, ERR_NOENT, "no server is running");
		return;
	}
	kill(getpid(), signal_number);
	call->done(call, 0, text);
}

static void server_reload_command(struct command_call *call)
{
	ask_main(call, SIGHUP, "asked; the log says what came of it");
}

static void server_stop_command(struct command_call *call)
{
	ask_main(call, SIGTERM, "stopping");
}

/* ---- the table ---- */

static const struct command_field account_field[] = {
	{ "accountjid", "Account", FIELD_JID_SINGLE, true },
	{ 0 },
};
static const struct command_field account_add_fields[] = {
	{ "accountjid", "Account", FIELD_JID_SINGLE, true },
	{ "password", "Password", FIELD_TEXT_PRIVATE, false },
	{ "force", "Even if the name rests", FIELD_BOOLEAN, false },
	{ 0 },
};
static const struct command_field account_password_fields[] = {
	{ "accountjid", "Account", FIELD_JID_SINGLE, true },
	{ "password", "Password", FIELD_TEXT_PRIVATE, true },
	{ 0 },
};
static const struct command_field host_field[] = {
	{ "host", "Host", FIELD_TEXT_SINGLE, false },
	{ 0 },
};
static const struct command_field no_fields[] = {
	{ 0 },
};

const struct command commands[] = {
	{ "account add", "make an account", account_add_fields, account_add },
	{ "account delete", "remove an account and all that it has", account_field,
	  account_delete },
	{ "account passwd", "set the password of an account", account_password_fields,
	  account_passwd },
	{ "account list", "list the accounts of a host, or of all", host_field, account_list },
	{ "status", "show what the server is doing", no_fields, server_status },
	{ "reload", "read the configuration and certificates again", no_fields,
	  server_reload_command },
	{ "stop", "end all streams and stop", no_fields, server_stop_command },
	{ 0 },
};
