/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/form.h"

#define NAME_BYTES 256
#define DESCRIPTION_BYTES 1024
#define LANGUAGE_BYTES 35 /* RFC 5646 §4.4.1 */
#define PASSWORD_BYTES 256
#define CONTACT_BYTES 3071 /* a JID */
#define HISTORY_MAX 100    /* unless the service gives more anyway: each costs who enters */
#define PEOPLE_MAX 1000    /* in a list */

/* A submitted form while it is read. */
struct reading {
	struct muc_event *me;
	const struct xml_node *x;
	struct form_wish *wish;
	const char *why; /* of the first value that cannot be */
};

struct row;
struct kind {
	void (*show)(struct muc_event *me, struct xml_node *x, const struct row *row);
	/* 0, or ERR_DENIED by way of deny. */
	int (*read)(struct reading *r, const struct row *row);
};

struct choice {
	const char *value, *label;
	unsigned number;
};

struct row {
	const char *var, *label;
	const struct kind *kind;
	size_t at;    /* of what it is for, in struct config */
	size_t bytes; /* of a text, at most */
	const struct choice *choices;
};

#define AT(type, config, row) ((type *)((char *)(config) + (row)->at))
#define CONST_AT(type, config, row) ((const type *)((const char *)(config) + (row)->at))

static int deny(struct reading *r, const struct row *row, const char *why)
{
	r->why = arena_printf(r->me->ev->arena, "%s: %s", row->var, why).p;
	return ERR_DENIED;
}

static struct str number_text(struct arena *arena, uint64_t n)
{
	return arena_printf(arena, "%llu", (unsigned long long)n);
}

/* ---- yes or no ---- */

static void show_flag(struct muc_event *me, struct xml_node *x, const struct row *row)
{
	bool is = *CONST_AT(bool, &me->room->config, row);

	form_field(me->ev->arena, x, FIELD_BOOLEAN, row->var, row->label,
	           is ? STR("1") : STR("0"));
}

static int read_flag(struct reading *r, const struct row *row)
{
	int err = form_get_bool(r->me->ev->arena, r->x, row->var,
	                        AT(bool, &r->wish->config, row));

	return err == ERR_INVALID ? deny(r, row, "neither yes nor no") : 0;
}

static const struct kind flag = { show_flag, read_flag };

/* ---- texts ---- */

static void show_text(struct muc_event *me, struct xml_node *x, const struct row *row)
{
	form_field(me->ev->arena, x, FIELD_TEXT_SINGLE, row->var, row->label,
	           *CONST_AT(struct str, &me->room->config, row));
}

/* False: it was not submitted.  One without a value is empty. */
static bool get_text(struct reading *r, const struct row *row, struct str *text_out)
{
	struct str text;

	if (!form_has(r->x, row->var))
		return false;
	text = form_get(r->me->ev->arena, r->x, row->var);
	*text_out = str_is_absent(text) ? STR("") : str_trim(text);
	return true;
}

static int read_text(struct reading *r, const struct row *row)
{
	struct str text;

	if (!get_text(r, row, &text))
		return 0;
	if (text.n > row->bytes)
		return deny(r, row, "too long");
	*AT(struct str, &r->wish->config, row) = text;
	return 0;
}

static const struct kind text = { show_text, read_text };

/* Of the form alone: no list of languages is kept (RFC 5646 §2.1). */
static bool is_language(struct str tag)
{
	for (size_t i = 0; i < tag.n; i++) {
		char c = tag.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && (c != '-' || i == 0))
			return false;
	}
	return true;
}

static int read_language(struct reading *r, const struct row *row)
{
	int err = read_text(r, row);

	if (err == 0 && !is_language(*AT(struct str, &r->wish->config, row)))
		return deny(r, row, "no language");
	return err;
}

static const struct kind language = { show_text, read_language };

static void show_jid(struct muc_event *me, struct xml_node *x, const struct row *row)
{
	struct str jid = *CONST_AT(struct str, &me->room->config, row);

	form_field(me->ev->arena, x, FIELD_JID_SINGLE, row->var, row->label,
	           str_is_empty(jid) ? STR_NONE : jid);
}

static int read_jid(struct reading *r, const struct row *row)
{
	struct str *jid_text = AT(struct str, &r->wish->config, row);
	struct jid jid;
	int err = read_text(r, row);

	if (err < 0 || str_is_empty(*jid_text))
		return err;
	if (jid_parse(r->me->ev->arena, *jid_text, &jid) < 0)
		return deny(r, row, "no address");
	*jid_text = jid_full_str(jid);
	return 0;
}

static const struct kind address = { show_jid, read_jid };

/* ---- one of several ---- */

static void show_choices(struct muc_event *me, struct xml_node *x, const struct row *row,
                         unsigned number)
{
	struct arena *arena = me->ev->arena;
	struct xml_node *field =
		form_field(arena, x, FIELD_LIST_SINGLE, row->var, row->label, STR_NONE);

	for (const struct choice *c = row->choices; c->value != NULL; c++)
		if (c->number == number)
			form_value(arena, field, str_of(c->value));
	for (const struct choice *c = row->choices; c->value != NULL; c++)
		form_option(arena, field, c->label, str_of(c->value));
}

/* Untouched, where nothing was submitted. */
static int read_choice(struct reading *r, const struct row *row, unsigned *number)
{
	struct str value;

	if (!get_text(r, row, &value))
		return 0;
	for (const struct choice *c = row->choices; c->value != NULL; c++) {
		if (!str_is(value, c->value))
			continue;
		*number = c->number;
		return 0;
	}
	return deny(r, row, "none of the choices");
}

static const struct choice pm_choices[] = {
	{ "anyone", "Anyone", ROLES_ALL },
	{ "participants", "Anyone with voice",
	  ROLE_BIT(ROLE_PARTICIPANT) | ROLE_BIT(ROLE_MODERATOR) },
	{ "moderators", "Moderators only", ROLE_BIT(ROLE_MODERATOR) },
	{ "none", "Nobody", 0 },
	{ 0 },
};

static void show_senders(struct muc_event *me, struct xml_node *x, const struct row *row)
{
	show_choices(me, x, row, *CONST_AT(unsigned, &me->room->config, row));
}

static int read_senders(struct reading *r, const struct row *row)
{
	return read_choice(r, row, AT(unsigned, &r->wish->config, row));
}

static const struct kind senders = { show_senders, read_senders };

static const struct choice whois_choices[] = {
	{ "moderators", "Moderators only", false },
	{ "anyone", "Anyone", true },
	{ 0 },
};

static void show_whois(struct muc_event *me, struct xml_node *x, const struct row *row)
{
	show_choices(me, x, row, *CONST_AT(bool, &me->room->config, row));
}

static int read_whois(struct reading *r, const struct row *row)
{
	bool *is = AT(bool, &r->wish->config, row);
	unsigned number = *is;
	int err = read_choice(r, row, &number);

	*is = number != 0;
	return err;
}

static const struct kind whois = { show_whois, read_whois };

/* ---- sets of roles ---- */

static const struct choice role_choices[] = {
	{ "moderator", "Moderator", ROLE_BIT(ROLE_MODERATOR) },
	{ "participant", "Participant", ROLE_BIT(ROLE_PARTICIPANT) },
	{ "visitor", "Visitor", ROLE_BIT(ROLE_VISITOR) },
	{ 0 },
};

static void show_roles(struct muc_event *me, struct xml_node *x, const struct row *row)
{
	struct arena *arena = me->ev->arena;
	unsigned set = *CONST_AT(unsigned, &me->room->config, row);
	struct xml_node *field =
		form_field(arena, x, FIELD_LIST_MULTI, row->var, row->label, STR_NONE);

	for (const struct choice *c = row->choices; c->value != NULL; c++)
		if ((set & c->number) != 0)
			form_value(arena, field, str_of(c->value));
	for (const struct choice *c = row->choices; c->value != NULL; c++)
		form_option(arena, field, c->label, str_of(c->value));
}

static unsigned role_bit(const struct row *row, struct str value)
{
	for (const struct choice *c = row->choices; c->value != NULL; c++)
		if (str_is(value, c->value))
			return c->number;
	return 0;
}

static int read_roles(struct reading *r, const struct row *row)
{
	struct str values[ROLES + 1];
	size_t n = form_get_all(r->me->ev->arena, r->x, row->var, values, ARRAY_LEN(values));
	unsigned set = 0;

	if (!form_has(r->x, row->var))
		return 0;
	for (size_t i = 0; i < n; i++) {
		unsigned bit = role_bit(row, str_trim(values[i]));

		if (bit == 0 || (set & bit) != 0)
			return deny(r, row, "no set of roles");
		set |= bit;
	}
	*AT(unsigned, &r->wish->config, row) = set;
	return 0;
}

static const struct kind roles = { show_roles, read_roles };

/* ---- numbers ---- */

static uint64_t history_max(const struct muc_event *me)
{
	uint64_t of_service = (uint64_t)muc_conf_of(me)->history;

	return of_service > HISTORY_MAX ? of_service : HISTORY_MAX;
}

static void show_history(struct muc_event *me, struct xml_node *x, const struct row *row)
{
	form_field(me->ev->arena, x, FIELD_TEXT_SINGLE, row->var, row->label,
	           number_text(me->ev->arena, *CONST_AT(uint64_t, &me->room->config, row)));
}

static int read_history(struct reading *r, const struct row *row)
{
	struct str value;
	uint64_t n;

	if (!get_text(r, row, &value))
		return 0;
	if (str_to_u64(value, &n) < 0 || n > history_max(r->me))
		return deny(r, row,
		            arena_printf(r->me->ev->arena, "no number up to %llu",
		                         (unsigned long long)history_max(r->me))
		                    .p);
	*AT(uint64_t, &r->wish->config, row) = n;
	return 0;
}

static const struct kind history = { show_history, read_history };

static void add_size(struct muc_event *me, struct xml_node *field, uint64_t n)
{
	struct str value = number_text(me->ev->arena, n);

	form_option(me->ev->arena, field, value.p, value);
}

/* 0 is "none", which is as many as the service allows. */
static void show_size(struct muc_event *me, struct xml_node *x, const struct row *row)
{
	static const uint64_t sizes[] = { 10, 20, 50, 100, 200, 500, 1000, 2000, 5000 };
	struct arena *arena = me->ev->arena;
	uint64_t max = (uint64_t)muc_conf_of(me)->max_occupants;
	uint64_t n = *CONST_AT(uint64_t, &me->room->config, row);
	struct xml_node *field = form_field(arena, x, FIELD_LIST_SINGLE, row->var, row->label,
	                                    n == 0 ? STR("none") : number_text(arena, n));
	bool is_listed = n == 0;

	for (size_t i = 0; i < ARRAY_LEN(sizes) && sizes[i] <= max; i++) {
		is_listed = is_listed || sizes[i] == n;
		add_size(me, field, sizes[i]);
	}
	if (!is_listed)
		add_size(me, field, n);
	form_option(arena, field, "None", STR("none"));
}

/* Clients that know other servers say 0 for none. */
static int read_size(struct reading *r, const struct row *row)
{
	uint64_t max = (uint64_t)muc_conf_of(r->me)->max_occupants, n = 0;
	struct str value;

	if (!get_text(r, row, &value))
		return 0;
	if (!str_is(value, "none") && (str_to_u64(value, &n) < 0 || n > max))
		return deny(r, row, "no number of occupants that the service allows");
	*AT(uint64_t, &r->wish->config, row) = n;
	return 0;
}

static const struct kind size = { show_size, read_size };

/* ---- the password: two fields for one thing ---- */

#define VAR_PROTECTED "muc#roomconfig_passwordprotectedroom"

static void show_protected(struct muc_event *me, struct xml_node *x, const struct row *row)
{
	bool is = !str_is_empty(me->room->config.password);

	form_field(me->ev->arena, x, FIELD_BOOLEAN, row->var, row->label,
	           is ? STR("1") : STR("0"));
}

/* What it says is looked at together with the password. */
static int read_protected(struct reading *r, const struct row *row)
{
	bool is;
	int err = form_get_bool(r->me->ev->arena, r->x, row->var, &is);

	return err == ERR_INVALID ? deny(r, row, "neither yes nor no") : 0;
}

static const struct kind protection = { show_protected, read_protected };

static void show_secret(struct muc_event *me, struct xml_node *x, const struct row *row)
{
	form_field(me->ev->arena, x, FIELD_TEXT_PRIVATE, row->var, row->label,
	           me->room->config.password);
}

/* §10.1.3: a room that is to be protected by an empty one is not acceptable. */
static int read_secret(struct reading *r, const struct row *row)
{
	struct str *password = &r->wish->config.password;
	bool is_protected;
	int err = form_get_bool(r->me->ev->arena, r->x, VAR_PROTECTED, &is_protected);

	if (err == 0 && !is_protected) {
		*password = STR("");
		return 0;
	}
	if (form_has(r->x, row->var)) {
		*password = form_get(r->me->ev->arena, r->x, row->var);
		if (str_is_absent(*password))
			*password = STR("");
	}
	if (password->n > row->bytes)
		return deny(r, row, "too long");
	if (err == 0 && str_is_empty(*password))
		return deny(r, row, "a password is needed");
	return 0;
}

static const struct kind secret = { show_secret, read_secret };

/* ---- the table ---- */

#define ROOMCONFIG(name) "muc#roomconfig_" name
#define CONFIG(field) .at = offsetof(struct config, field)

/* Registration and requests for a voice are not in the registry: by the names that others use. */
static const struct row rows[] = {
	{ ROOMCONFIG("roomname"), "Name", &text, CONFIG(name), .bytes = NAME_BYTES },
	{ ROOMCONFIG("roomdesc"), "Description", &text, CONFIG(description),
	  .bytes = DESCRIPTION_BYTES },
	{ ROOMCONFIG("lang"), "Language that is spoken", &language, CONFIG(language),
	  .bytes = LANGUAGE_BYTES },
	{ "muc#roominfo_contactjid", "Address of who can be asked about the room", &address,
	  CONFIG(contact), .bytes = CONTACT_BYTES },
	{ ROOMCONFIG("persistentroom"), "The room stays when the last occupant leaves", &flag,
	  CONFIG(is_persistent) },
	{ ROOMCONFIG("publicroom"), "The room is listed", &flag, CONFIG(is_public) },
	{ ROOMCONFIG("membersonly"), "Members alone may enter", &flag,
	  CONFIG(is_members_only) },
	{ ROOMCONFIG("allowinvites"), "Members may invite others", &flag,
	  CONFIG(members_may_invite) },
	{ "x-muc#roomconfig_registration", "People may register and are members then", &flag,
	  CONFIG(is_registrable) },
	{ VAR_PROTECTED, "Who enters needs a password", &protection, .at = 0 },
	{ ROOMCONFIG("roomsecret"), "Password", &secret, CONFIG(password),
	  .bytes = PASSWORD_BYTES },
	{ ROOMCONFIG("moderatedroom"), "Only who was given a voice may speak", &flag,
	  CONFIG(is_moderated) },
	{ ROOMCONFIG("allowvoicerequests"), "Visitors may ask for a voice", &flag,
	  CONFIG(takes_voice_requests) },
	{ ROOMCONFIG("changesubject"), "Participants may change the subject", &flag,
	  CONFIG(participants_may_change_subject) },
	{ ROOMCONFIG("whois"), "Who sees the addresses of occupants", &whois,
	  CONFIG(shows_jids), .choices = whois_choices },
	{ ROOMCONFIG("allowpm"), "Who may send private messages", &senders, CONFIG(pm),
	  .choices = pm_choices },
	{ ROOMCONFIG("presencebroadcast"), "Roles that others see in the room", &roles,
	  CONFIG(broadcast), .choices = role_choices },
	{ ROOMCONFIG("getmemberlist"), "Roles that may read the list of members", &roles,
	  CONFIG(list_members), .choices = role_choices },
	{ ROOMCONFIG("maxusers"), "Occupants at most", &size, CONFIG(max_occupants) },
	{ ROOMCONFIG("enablelogging"), "Occupants can read what was said before", &flag,
	  CONFIG(logs) },
	{ "muc#maxhistoryfetch", "Messages that newcomers get", &history, CONFIG(history) },
};

/* ---- lists of people, which are affiliations ---- */

static const struct row owners_row = { ROOMCONFIG("roomowners"), "Owners", NULL, .at = 0 };
static const struct row admins_row = { ROOMCONFIG("roomadmins"), "Admins", NULL, .at = 0 };

struct people_walk {
	struct arena *arena;
	struct xml_node *owners, *admins;
};

static int show_one_of_people(void *arg, const struct affiliated *a)
{
	struct people_walk *w = arg;

	if (a->affiliation == AFFILIATION_OWNER)
		form_value(w->arena, w->owners, jid_bare_str(a->jid));
	else if (a->affiliation == AFFILIATION_ADMIN)
		form_value(w->arena, w->admins, jid_bare_str(a->jid));
	return 0;
}

static int show_people(struct muc_event *me, struct xml_node *x)
{
	struct arena *arena = me->ev->arena;
	struct people_walk w = { .arena = arena };

	w.admins = form_field(arena, x, FIELD_JID_MULTI, admins_row.var, admins_row.label,
	                      STR_NONE);
	w.owners = form_field(arena, x, FIELD_JID_MULTI, owners_row.var, owners_row.label,
	                      STR_NONE);
	return affiliation_each(me->ev, show_one_of_people, &w);
}

bool form_lists(const struct form_people *people, struct jid bare)
{
	for (size_t i = 0; i < people->n; i++)
		if (jid_bare_eq(people->jids[i], bare))
			return true;
	return false;
}

/* Of a domain all would be owners. */
static int read_person(struct reading *r, const struct row *row, struct form_people *people,
                       struct str value)
{
	struct jid jid;

	if (jid_parse(r->me->ev->arena, value, &jid) < 0 || str_is_empty(jid_local(jid)))
		return deny(r, row, "no address of a person");
	if (!form_lists(people, jid))
		people->jids[people->n++] = jid_bare(jid);
	return 0;
}

static int read_people(struct reading *r, const struct row *row, struct form_people *people)
{
	struct arena *arena = r->me->ev->arena;
	struct str *values = ARENA_ARRAY(arena, struct str, PEOPLE_MAX + 1);
	size_t n = form_get_all(arena, r->x, row->var, values, PEOPLE_MAX + 1);
	int err = 0;

	*people = (struct form_people){ .is_given = form_has(r->x, row->var) };
	if (n > PEOPLE_MAX)
		return deny(r, row, "too many");
	people->jids = ARENA_ARRAY(arena, struct jid, n + 1);
	for (size_t i = 0; err == 0 && i < n; i++) {
		struct str value = str_trim(values[i]);

		if (!str_is_empty(value)) /* a line that was left empty */
			err = read_person(r, row, people, value);
	}
	return err;
}

/* ---- all of it ---- */

int form_show(struct muc_event *me, struct xml_node **x_out)
{
	struct arena *arena = me->ev->arena;
	struct str room = jid_local(entity_jid(me->ev->entity));
	struct xml_node *x = form_new(arena, "form", NS_MUC_ROOMCONFIG);

	form_title(arena, x,
	           arena_printf(arena, "Configuration of \"" STR_FMT "\"", STR_ARG(room)).p,
	           "Complete this form to set up your room.");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i].kind->show(me, x, &rows[i]);
	*x_out = x;
	return show_people(me, x);
}

/* §10.1.2: an empty form has no FORM_TYPE either; whoever names one means it. */
static bool is_of_this_form(struct muc_event *me, const struct xml_node *x)
{
	struct str form_type = form_get(me->ev->arena, x, "FORM_TYPE");

	return form_read(x, NULL) == 0 &&
	       (str_is_absent(form_type) || str_is(form_type, NS_MUC_ROOMCONFIG));
}

int form_submitted(struct muc_event *me, const struct xml_node *x, struct form_wish *wish_out,
                   const char **why_out)
{
	struct reading r = { .me = me, .x = x, .wish = wish_out };
	int err = is_of_this_form(me, x) ? 0 : ERR_INVALID;

	wish_out->config = me->room->config;
	for (size_t i = 0; err == 0 && i < ARRAY_LEN(rows); i++)
		err = rows[i].kind->read(&r, &rows[i]);
	if (err == 0)
		err = read_people(&r, &owners_row, &wish_out->owners);
	if (err == 0)
		err = read_people(&r, &admins_row, &wish_out->admins);
	*why_out = r.why;
	return err;
}
