/*
 * check_muc_privilege.c - XEP-0045 §5: every actor, every target, every change of a role and an
 * affiliation, against tables that were written from the text.
 *
 * Rows and columns are in the order of rank, as the text has them: outcast, none, member, admin,
 * owner; none, visitor, participant, moderator.
 *
 *     +  it is done      -  not-allowed      x  forbidden      c  conflict      .  there is no such case
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/privilege.h"
#include "tests/lib/check_main.h"

static enum privilege meant_by(char c)
{
	switch (c) {
	case '+':
		return PRIVILEGE_GRANTED;
	case '-':
		return PRIVILEGE_NOT_ALLOWED;
	case 'c':
		return PRIVILEGE_CONFLICT;
	default:
		return PRIVILEGE_FORBIDDEN;
	}
}

/* §5.1.3, table 3: what it is called; rows: from, columns: to. */
static const char *const chart[ROLES] = {
	[ROLE_NONE] = "....",
	[ROLE_VISITOR] = "kgGm",
	[ROLE_PARTICIPANT] = "krGm",
	[ROLE_MODERATOR] = "Kddm",
};

/* By moderators without affiliation, that are members, admins, owners; to people of the same four. */
struct row {
	char deed;
	bool takes_role; /* who is no moderator may not at all */
	const char *by[4];
};
static const struct row rows[] = {
	/* §8.3, grant voice */
	{ 'g', true, { "++++", "++++", "++++", "++++" } },
	{ 'G', true, { "++++", "++++", "++++", "++++" } },
	/* §8.4, revoke it: not from those at or above, nor from admins and owners */
	{ 'r', true, { "+---", "+---", "++--", "++--" } },
	/* §8.2, kick: not by somebody lower */
	{ 'k', true, { "+---", "++--", "+++-", "++++" } },
	/* §5.1.3, kick a moderator: by an admin or owner */
	{ 'K', true, { "----", "----", "+++-", "++++" } },
	/* §9.6, make a moderator: by an admin or owner */
	{ 'm', false, { "xxxx", "xxxx", "++++", "++++" } },
	/* §9.7, revoke that: not from admins and owners */
	{ 'd', false, { "xxxx", "xxxx", "++--", "++--" } },
};

static const struct row *row_of(char deed)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].deed == deed)
			return &rows[i];
	ck_abort();
	return NULL;
}

static void check_role(struct standing actor, struct standing target, enum role to)
{
	const struct row *row = row_of(chart[target.role][to]);
	char expected = row->by[actor.affiliation - AFFILIATION_NONE]
	                       [target.affiliation - AFFILIATION_NONE];

	if (row->takes_role && actor.role != ROLE_MODERATOR)
		expected = 'x';
	/* §8.4: no moderator revokes the voice of admins and owners, whatever else it would be */
	if (to == ROLE_VISITOR && actor.role == ROLE_MODERATOR &&
	    target.affiliation >= AFFILIATION_ADMIN)
		expected = '-';
	ck_assert_msg(privilege_role(actor, target, to) == meant_by(expected),
	              "%s %s makes of %s %s a %s: not %c", affiliation_name(actor.affiliation),
	              role_name(actor.role), affiliation_name(target.affiliation),
	              role_name(target.role), role_name(to), expected);
}

START_TEST(every_role_is_changed_by_whom_the_text_says)
{
	for (int a = AFFILIATION_NONE; a < AFFILIATIONS; a++)
		for (int r = ROLE_NONE; r < ROLES; r++)
			for (int ta = AFFILIATION_NONE; ta < AFFILIATIONS; ta++)
				for (int tr = ROLE_VISITOR; tr < ROLES; tr++)
					for (int to = ROLE_NONE; to < ROLES; to++)
						check_role((struct standing){ a, r },
						           (struct standing){ ta, tr }, to);
}
END_TEST

/* §5.2.2, table 6, with §9.1 and §9.2 for bans, §10.5 and §10.8 for lists; rows: from, columns: to. */
static const char *const by_admin[AFFILIATIONS] = {
	[AFFILIATION_OUTCAST] = "+++xx", [AFFILIATION_NONE] = "+++xx",
	[AFFILIATION_MEMBER] = "+++xx",  [AFFILIATION_ADMIN] = "-xxxx",
	[AFFILIATION_OWNER] = "-xxxx",
};

static char expected_of(int actor, bool is_himself, int from, int to)
{
	if (actor < AFFILIATION_ADMIN) /* §9, §10: MUST be denied with forbidden */
		return 'x';
	if (is_himself && to == AFFILIATION_OUTCAST) /* §9.1 */
		return 'c';
	return actor == AFFILIATION_OWNER ? '+' : by_admin[from][to];
}

START_TEST(every_affiliation_is_changed_by_whom_the_text_says)
{
	for (int actor = 0; actor < AFFILIATIONS; actor++)
		for (int self = 0; self < 2; self++)
			for (int from = 0; from < AFFILIATIONS; from++)
				for (int to = 0; to < AFFILIATIONS; to++)
					ck_assert_msg(
						privilege_affiliation(actor, self, from, to) ==
							meant_by(expected_of(actor, self, from,
					                                     to)),
						"%s makes %s of %s", affiliation_name(actor),
						affiliation_name(to), affiliation_name(from));
}
END_TEST

/* The role of a room's visitor, participant, moderator ("vpm") who becomes that: one letter for each. */
struct after {
	enum affiliation from, to;
	const char *open, *moderated;
};
static const struct after afters[] = {
	/* §5.1.3: gained at once, what he has besides is kept */
	{ AFFILIATION_NONE, AFFILIATION_MEMBER, "ppm", "ppm" },
	{ AFFILIATION_NONE, AFFILIATION_ADMIN, "mmm", "mmm" },
	{ AFFILIATION_MEMBER, AFFILIATION_OWNER, "mmm", "mmm" },
	{ AFFILIATION_ADMIN, AFFILIATION_OWNER, "mmm", "mmm" },
	/* §9.4: the voice of a member goes with it; a moderator was made one */
	{ AFFILIATION_MEMBER, AFFILIATION_NONE, "vpm", "vvm" },
	/* §10.7 */
	{ AFFILIATION_ADMIN, AFFILIATION_MEMBER, "ppp", "ppp" },
	{ AFFILIATION_OWNER, AFFILIATION_NONE, "ppp", "vvv" },
	{ AFFILIATION_OWNER, AFFILIATION_ADMIN, "mmm", "mmm" },
	/* §9.1 */
	{ AFFILIATION_NONE, AFFILIATION_OUTCAST, "---", "---" },
	{ AFFILIATION_OWNER, AFFILIATION_OUTCAST, "---", "---" },
};

START_TEST(a_role_follows_the_affiliation)
{
	for (size_t i = 0; i < sizeof(afters) / sizeof(afters[0]); i++)
		for (int r = ROLE_VISITOR; r < ROLES; r++)
			for (int kind = 0; kind < 4; kind++) {
				const struct after *a = &afters[i];
				bool is_moderated = kind & 1, is_members_only = kind & 2;
				char expected = (is_moderated ? a->moderated : a->open)[r - 1];
				enum role role = privilege_role_after(
					(struct standing){ a->from, r }, a->to, is_moderated,
					is_members_only);

				if (is_members_only && a->to <= AFFILIATION_NONE)
					expected = '-'; /* §9.4 */
				ck_assert_msg("-vpm"[role] == expected,
				              "%s %s becomes %s: %c, not %c",
				              affiliation_name(a->from), role_name(r),
				              affiliation_name(a->to), "-vpm"[role], expected);
			}
}
END_TEST

CHECK_MAIN("muc_privilege", every_role_is_changed_by_whom_the_text_says,
           every_affiliation_is_changed_by_whom_the_text_says, a_role_follows_the_affiliation)
