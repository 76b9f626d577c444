/* Properties of the plan over random applications: what the file said when weir applied it last, what others did to the
   live one since, what the file says now. The service is played by the engine's own check of updates. */
#include "model/pipeline.h"
#include "model/remember.h"
#include "plan/compare.h"
#include "plan/plan.h"

#include "../records.h"
#include "../triples.h"
#include "../twin.h"
#include "../unit.h"

enum { TRIES = 2000, SEED = 20261125 };

#define IDENTITY "flights/local/x"

static struct arena A;

/* How the tag weir-set was spoilt. */
enum damage { INTACT, TAKEN_AWAY, EDITED, OF_ANOTHER, DAMAGES };

struct history {
	struct application *first;  /* as applied */
	struct application *others; /* what others set then; a tag "" is one that they take away */
	struct application *now;    /* the file */
	enum damage damage;
};

static struct application *copy_of(const struct application *app)
{
	struct application *copy = arena_new(&A, struct application);
	field_copy(&application_record, app, copy, &A);
	return copy;
}

static const char *text_of(const struct history *h)
{
	static const char *const damages[] = {"intact", "taken away", "edited", "of another"};
	return arena_printf(&A, "first:  %s\nothers: %s\nnow:    %s\nweir-set: %s",
		records_json(&application_record, h->first, &A),
		records_json(&application_record, h->others, &A),
		records_json(&application_record, h->now, &A), damages[h->damage]);
}

static void put_tag(struct pairs *tags, const char *name, const char *value)
{
	struct pair *v = arena_array(&A, tags->n + 1, sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i < tags->n; i++)
		if (strcmp(tags->v[i].name, name))
			v[n++] = tags->v[i];
	if (*value)
		v[n++] = (struct pair){name, value};
	*tags = (struct pairs){v, n};
}

/* A file's application, which says whose it is. */
static struct application *declared(struct application *app)
{
	app->compartment_id = "c";
	put_tag(&app->freeform_tags, IDENTITY_TAG, IDENTITY);
	return app;
}

static void complain(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint)
{
	(void)at, (void)mark, (void)hint;
	if (!warning)
		buf_printf(ctx, "%s: %s\n", path, text);
}

/* As weir-local does it: a request is checked, what it has replaces what is there, and logs go somewhere. */
static const char *served(
	const struct node *request, enum field_form form, struct application *there)
{
	struct application given;
	buf_auto wrong = {0};
	if (!field_decode(&application_record, records_wire(request, &A), form, "", &A, &given,
		    complain, &wrong))
		return arena_strdup(&A, buf_str(&wrong));
	field_overlay(&application_record, &given, there, &A);
	there->type = there->type ? there->type : "BATCH";
	if (text_empty(there->logs_bucket_uri))
		there->logs_bucket_uri = "oci://dataflow-logs@n/";
	return NULL;
}

static void damage(struct application *live, enum damage how)
{
	struct pair *tag = &live->freeform_tags.v[live->freeform_tags.n - 1];
	if (how == TAKEN_AWAY)
		live->freeform_tags.n--;
	else if (how == EDITED)
		tag->value = arena_printf(&A, "%s%c", tag->value, 'A');
	else if (how == OF_ANOTHER)
		tag->value = memory_write(&application_record, live, "flights/local/y", &A, NULL);
}

static void others_change(struct application *live, const struct application *others)
{
	struct application change = *others;
	change.freeform_tags = change.defined_tags = (struct pairs){0};
	field_overlay(&application_record, &change, live, &A);
	for (size_t i = 0; i < others->freeform_tags.n; i++)
		put_tag(&live->freeform_tags, others->freeform_tags.v[i].name,
			others->freeform_tags.v[i].value);
	for (size_t i = 0; i < others->defined_tags.n; i++)
		put_tag(&live->defined_tags, others->defined_tags.v[i].name,
			others->defined_tags.v[i].value);
}

/* What comes from `execute` has its reason. */
static const char *reasons_of_derived(const struct field_changes *c)
{
	const struct field_change *execute = triple_change(c, "execute");
	for (size_t i = 0; i < c->n; i++)
		if (application_derives(c->v[i].field->name) && c->v[i].reason != execute->reason)
			return arena_printf(&A, "%s has another reason than execute", c->v[i].path);
	return NULL;
}

/* The tags that are weir's are looked at by themselves. */
static struct application *without_ours(const struct application *app)
{
	struct application *copy = copy_of(app);
	put_tag(&copy->freeform_tags, IDENTITY_TAG, "");
	put_tag(&copy->freeform_tags, MEMORY_TAG, "");
	return copy;
}

static const char *check_told(const struct history *h, const struct application *live,
	const struct comparison *c, struct triple *t)
{
	struct field_changes rest = {0};
	bool by_execute = !text_empty(live->execute) && text_empty(h->now->execute);
	for (size_t i = 0; i < c->changes.n; i++) {
		const struct field_change *x = &c->changes.v[i];
		if (!strcmp(x->path, "freeform_tags." MEMORY_TAG))
			return "weir-set is a difference";
		rest.v = arena_grow(&A, rest.v, rest.n, &rest.cap, sizeof *rest.v);
		if (!by_execute || !application_derives(x->field->name))
			rest.v[rest.n++] = *x;
	}
	const char *wrong = by_execute ? reasons_of_derived(&c->changes) : NULL;
	return wrong ? wrong : triple_told(t, &rest, &c->stays);
}

/* NULL, or what is wrong. */
static const char *check(const struct history *h)
{
	const char *wrong;
	struct application *live = arena_new(&A, struct application), *after;
	const struct application *made = remember_on(h->first, &A, NULL);
	if ((wrong = served(
		     field_encode(&application_record, made, FORM_CREATE, &A), FORM_CREATE, live)))
		return arena_printf(&A, "create: %s", wrong);
	struct resource there = {.kind = RESOURCE_APPLICATION, .app = live, .id = "ocid1.x"},
			first = {.kind = RESOURCE_APPLICATION, .app = h->first},
			now = {.kind = RESOURCE_APPLICATION, .app = h->now};
	struct comparison c;
	compare_resource(&there, &first, &A, &c);
	if (c.changes.n || c.stays.n || c.memory != MEMORY_KNOWN)
		return "what was just created differs";
	damage(live, h->damage);
	others_change(live, h->others);
	compare_resource(&there, &now, &A, &c);
	struct application *want = without_ours(h->now);
	application_take_derived(want, live);
	struct triple t = {&application_record, without_ours(h->first), without_ours(live), want,
		h->damage == INTACT, &A};
	if ((wrong = check_told(h, live, &c, &t)))
		return wrong;
	if (!c.changes.n)
		return NULL;
	const struct node *body = compare_update_body(&there, &now, &c.changes, &A);
	after = copy_of(live);
	if ((wrong = served(body, FORM_UPDATE, after)))
		return arena_printf(&A, "update: %s", wrong);
	there.app = after;
	compare_resource(&there, &now, &A, &c);
	if (c.changes.n)
		return arena_printf(&A, "%s differs after the update", c.changes.v[0].path);
	if (c.stays.n || c.memory != MEMORY_KNOWN)
		return "what was just set is not known";
	wrong = triple_left(&t, without_ours(after));
	/* Cleared, it is the service's default. */
	if (wrong && !strcmp(after->logs_bucket_uri, "oci://dataflow-logs@n/")) {
		after->logs_bucket_uri = NULL;
		if (!triple_left(&t, without_ours(after)))
			wrong = NULL;
	}
	return wrong;
}

static struct application **part(struct history *h, size_t which)
{
	struct application **parts[] = {&h->first, &h->others, &h->now};
	return parts[which];
}

/* The smallest that is still wrong. */
static const char *shrunk(struct history *h, const char *wrong)
{
	for (size_t which = 0, i = 0; which < 3; i++) {
		struct history y = *h;
		*part(&y, which) = copy_of(*part(h, which));
		if (!records_smaller(&application_record, *part(&y, which), i)) {
			which++, i = (size_t)-1;
			continue;
		}
		if (which != 1)
			declared(*part(&y, which));
		/* What had to be put back is no step. */
		const char *still = strlen(text_of(&y)) < strlen(text_of(h)) ? check(&y) : NULL;
		if (still) {
			*h = y, wrong = still;
			which = 0, i = (size_t)-1;
		}
	}
	return wrong;
}

static struct history random_history(void)
{
	struct history h = {.first = records_random(&application_record, 2, false, &A),
		.others = records_random(&application_record, 6, false, &A),
		.now = records_random(&application_record, 2, false, &A)};
	/* What an edit of the console leaves alone. */
	static const struct application nothing;
	struct application *o = h.others;
	o->compartment_id = o->type = nothing.type;
	if (records_below(2))
		o->display_name = o->language = o->spark_version = o->driver_shape =
			o->executor_shape = NULL;
	if (records_below(2))
		o->num_executors.set = false;
	if (records_below(4))
		h.first->execute = o->execute = h.now->execute = NULL;
	/* Often the file has changed little. */
	if (records_below(2)) {
		struct application *next = copy_of(h.first);
		field_overlay(&application_record,
			records_random(&application_record, 8, false, &A), next, &A);
		h.now = next;
	}
	declared(h.first);
	declared(h.now);
	/* A type that changes is a replacement: no update. It may be left out. */
	h.now->type = records_below(2) ? NULL : h.first->type ? h.first->type : "BATCH";
	h.damage = records_below(3) ? INTACT : (enum damage)records_below(DAMAGES);
	return h;
}

static void test_any_history_ends_as_the_file_says(void **state)
{
	(void)state;
	const uint64_t seed = records_seed(SEED);
	records_start(seed);
	for (int i = 0, n = records_tries(TRIES); i < n; i++) {
		struct history h = random_history();
		const char *wrong = check(&h);
		if (wrong) {
			wrong = shrunk(&h, wrong);
			fail_msg("RECORDS_SEED=%llu, try %d: %s\n%s", (unsigned long long)seed, i,
				wrong, text_of(&h));
		}
		arena_clear(&A);
	}
}

/* All that an application can say, and as many tags as a file may give it. */
static void test_all_fields_and_eight_tags_fit(void **state)
{
	(void)state;
	size_t longest = 0, left_out = 0;
	records_start(SEED);
	for (int i = 0; i < 500; i++) {
		struct application *app = records_random(&application_record, 1, false, &A);
		struct shape_config size = {.ocpus = {true, 1}, .memory_in_gbs = {true, 16}};
		struct memory m;
		app->driver_shape_config = app->executor_shape_config = &size;
		app->freeform_tags = app->defined_tags = (struct pairs){0};
		for (int k = 0; k < FREEFORM_TAGS_MAX - 2; k++)
			put_tag(&app->freeform_tags, arena_printf(&A, "%0100d", k), "x");
		app = remember_on(declared(app), &A, &left_out);
		assert_int_equal(left_out, 0);
		remember_read(app, &m);
		assert_int_equal(m.state, MEMORY_KNOWN);
		size_t n = strlen(app->freeform_tags.v[app->freeform_tags.n - 1].value);
		longest = n > longest ? n : longest;
		arena_clear(&A);
	}
	assert_in_range(longest, 240, MEMORY_MAX);
}

/* In each form that a table is read in. */
static void test_decoding_undoes_encoding(void **state)
{
	(void)state;
	static const struct record *const tables[] = {
		&application_record, &bucket_record, &run_record, &pipeline_record};
	static const enum field_form forms[] = {FORM_YAML, FORM_CREATE, FORM_REPLY};
	const uint64_t seed = records_seed(SEED);
	records_start(seed);
	for (int i = 0, n = records_tries(TRIES); i < n; i++) {
		const struct record *r = tables[i % 4];
		enum field_form form = r == &pipeline_record ? FORM_YAML : forms[i / 4 % 3];
		void *in = records_random(r, 2, form == FORM_REPLY, &A),
		     *out = arena_alloc(&A, r->size);
		if (r == &application_record && form != FORM_YAML) /* weir's own, and not sent */
			((struct application *)in)->prevent_delete = (struct opt_bool){0};
		const char *text = records_json(r, in, &A);
		buf_auto wrong = {0};
		bool ok = field_decode(r, records_wire(field_encode(r, in, form, &A), &A), form, "",
			&A, out, complain, &wrong);
		if (!ok || strcmp(records_json(r, out, &A), text))
			fail_msg("RECORDS_SEED=%llu, try %d: %s %s became %s",
				(unsigned long long)seed, i, buf_str(&wrong), text,
				records_json(r, out, &A));
		arena_clear(&A);
	}
}

static void test_nothing_differs_from_itself(void **state)
{
	(void)state;
	static const struct record *const tables[] = {
		&application_record, &bucket_record, &run_record};
	const uint64_t seed = records_seed(SEED);
	records_start(seed);
	for (int i = 0, n = records_tries(TRIES); i < n; i++) {
		const struct record *r = tables[i % 3];
		const void *in = records_random(r, 2, true, &A);
		struct field_changes c = {0};
		field_diff(r, in, in, &A, &c);
		if (c.n)
			fail_msg("RECORDS_SEED=%llu, try %d: %s of %s", (unsigned long long)seed, i,
				c.v[0].path, records_json(r, in, &A));
		arena_clear(&A);
	}
}

static void shuffle(struct resources *r)
{
	for (size_t i = r->n; i > 1; i--) {
		size_t k = records_below((uint32_t)i);
		struct resource x = r->v[k];
		r->v[k] = r->v[i - 1];
		r->v[i - 1] = x;
	}
}

/* All that a plan says. */
static const char *planned(const struct resources *want, const struct resources *live)
{
	buf_auto out = {0};
	struct plan plan;
	plan_build(want, live, &A, &plan);
	for (size_t i = 0; i < plan.n; i++) {
		const struct plan_action *x = &plan.v[i];
		buf_printf(&out, "%s %s", plan_verb_name(x->verb), x->address);
		for (size_t k = 0; k < x->needs_n; k++)
			buf_printf(&out, " <%zu", x->needs[k]);
		for (size_t k = 0; k < x->changes.n; k++) {
			buf_printf(&out, "\n %s %d ", x->changes.v[k].path,
				(int)x->changes.v[k].reason);
			if (x->changes.v[k].now)
				node_to_json(x->changes.v[k].now, NODE_JSON_COMPACT, &out);
		}
		buf_addc(&out, '\n');
	}
	for (size_t i = 0; i < plan.problems_n; i++)
		buf_printf(&out, "! %s\n", plan.problems[i].text);
	for (size_t i = 0; i < plan.notes_n; i++)
		buf_printf(&out, "? %s\n", plan.notes[i].text);
	return arena_strdup(&A, buf_str(&out));
}

static void random_pipeline(struct resources *want, struct resources *live)
{
	for (int i = 0; i < 6; i++) {
		const char *key = arena_printf(&A, "a%d", i);
		struct history h = random_history();
		put_tag(&h.first->freeform_tags, IDENTITY_TAG,
			identity_tag(&A, "flights", "local", key));
		put_tag(&h.now->freeform_tags, IDENTITY_TAG,
			identity_tag(&A, "flights", "local", key));
		struct application *made = remember_on(h.first, &A, NULL);
		made->id = arena_printf(&A, "ocid1.%s", key);
		damage(made, h.damage);
		others_change(made, h.others);
		struct resource r = {
			.kind = RESOURCE_APPLICATION, .address = arena_printf(&A, "apps.%s", key)};
		r.app = h.now;
		if (records_below(4))
			*resources_add(want, &A) = r;
		r.app = made;
		r.id = made->id;
		r.foreign = !records_below(6);
		if (records_below(4))
			*resources_add(live, &A) = r;
	}
}

static void test_order_does_not_count(void **state)
{
	(void)state;
	const uint64_t seed = records_seed(SEED);
	records_start(seed);
	for (int i = 0, n = records_tries(TRIES) / 20; i < n; i++) {
		struct resources want = {0}, live = {0};
		random_pipeline(&want, &live);
		const char *first = planned(&want, &live);
		for (int k = 0; k < 5; k++) {
			shuffle(&want);
			shuffle(&live);
			const char *again = planned(&want, &live);
			if (strcmp(first, again))
				fail_msg("RECORDS_SEED=%llu, try %d:\n%s\nbecame\n%s",
					(unsigned long long)seed, i, first, again);
		}
		arena_clear(&A);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_history_ends_as_the_file_says),
		cmocka_unit_test(test_all_fields_and_eight_tags_fit),
		cmocka_unit_test(test_decoding_undoes_encoding),
		cmocka_unit_test(test_nothing_differs_from_itself),
		cmocka_unit_test(test_order_does_not_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
