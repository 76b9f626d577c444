/* Rules that every row of every table keeps, and that the compiler cannot check. */
#include "../unit.h"
#include "base/map.h"
#include "base/text.h"
#include "model/application.h"
#include "model/bucket.h"
#include "model/object.h"
#include "model/pipeline.h"
#include "model/run.h"

#include <ctype.h>

static const struct record *const tables[] = {&shape_config_record, &log_config_record,
	&application_record, &bucket_record, &object_record, &run_record, &run_log_record,
	&param_decl_record, &target_decl_record, &app_fields_record, &app_decl_record,
	&bucket_decl_record, &object_decl_record, &archive_decl_record, &step_decl_record,
	&sequence_decl_record, &pipeline_record};

/* What a walk over the rows of one table knows. */
struct walk {
	const struct record *table;
	struct map names, apis;
};

typedef void rule_fn(struct walk *w, const struct field *f);

struct rule {
	struct walk walk;
	rule_fn *check;
};

static bool apply(void *ctx, const struct field *f)
{
	struct rule *r = ctx;
	r->check(&r->walk, f);
	return true;
}

static void each_row(rule_fn *check)
{
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		arena_auto a = {0};
		struct rule r = {.check = check};
		r.walk = (struct walk){tables[i], {.arena = &a}, {.arena = &a}};
		assert_true(record_each(tables[i], apply, &r));
	}
}

static void wrong(const struct walk *w, const struct field *f, const char *what)
{
	fail_msg("%s.%s: %s", w->table->name, f->name ? f->name : "(no name)", what);
}

static bool is_snake_case(const char *s)
{
	if (!islower((unsigned char)*s) || s[strlen(s) - 1] == '_' || strstr(s, "__"))
		return false;
	for (; *s; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '_')
			return false;
	return true;
}

static bool is_camel_case(const char *s)
{
	if (!islower((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s))
			return false;
	return true;
}

static void check_names(struct walk *w, const struct field *f)
{
	if (!is_snake_case(f->name))
		wrong(w, f, "not snake_case");
	if (!map_put(&w->names, f->name, NULL))
		wrong(w, f, "two rows of that name");
	if (f->api && !is_camel_case(f->api))
		wrong(w, f, "API name is not camelCase");
	if (f->api && !map_put(&w->apis, f->api, NULL))
		wrong(w, f, "two rows of that API name");
}

static void check_doc(struct walk *w, const struct field *f)
{
	if (!f->doc || !*f->doc || f->doc[strlen(f->doc) - 1] != '.')
		wrong(w, f, "a doc is a sentence that ends with a full stop");
	if (f->doc && strchr(f->doc, '\n'))
		wrong(w, f, "a doc is one line");
}

static void check_absent(struct walk *w, const struct field *f)
{
	if (f->absent < ABSENT_SERVER || f->absent > ABSENT_REQUIRED)
		wrong(w, f, "says not what absence means");
	if (f->absent == ABSENT_REQUIRED && !(f->flags & (FIELD_REQUIRED | FIELD_COMPUTED)))
		wrong(w, f, "cannot be absent, but nothing requires it");
	if (f->flags & FIELD_REQUIRED && f->flags & FIELD_COMPUTED)
		wrong(w, f, "required and computed");
}

static bool default_fits(const struct field *f)
{
	const char *const *c = f->choices;
	int64_t i;
	double d;
	if (f->kind == FIELD_I64)
		return text_i64(f->dflt, &i);
	if (f->kind == FIELD_NUM)
		return text_double(f->dflt, &d);
	if (f->kind == FIELD_BOOL)
		return text_equal(f->dflt, "true") || text_equal(f->dflt, "false");
	while (c && *c && !text_equal(*c, f->dflt))
		c++;
	return f->kind == FIELD_STR || (f->kind == FIELD_ENUM && *c);
}

static void check_default(struct walk *w, const struct field *f)
{
	if (f->absent == ABSENT_DEFAULT && !f->dflt)
		wrong(w, f, "ABSENT_DEFAULT without dflt");
	if (f->dflt && !default_fits(f))
		wrong(w, f, "the default is none of its kind");
}

static void check_bounds(struct walk *w, const struct field *f)
{
	bool counted = f->kind != FIELD_STR && f->kind != FIELD_ENUM && f->kind != FIELD_BOOL &&
		f->kind != FIELD_OBJ && f->kind != FIELD_ANY;
	if ((f->min != 0 || f->max != 0) && !counted)
		wrong(w, f, "a range on a kind that has none");
	if (f->max_len && f->kind != FIELD_STR)
		wrong(w, f, "max_len on what is no STR");
	if ((f->kind == FIELD_ENUM) != (f->choices != NULL))
		wrong(w, f, "choices belong to an ENUM, and to each");
	if ((f->kind == FIELD_OBJ || f->kind == FIELD_KEYED) != (f->of != NULL))
		wrong(w, f, "`of` belongs to OBJ and KEYED, and to each");
	if (f->ok && !f->ok_doc)
		wrong(w, f, "ok without ok_doc");
	if (f->key_ok && !f->key_pattern_doc)
		wrong(w, f, "key_ok without key_pattern_doc");
	if (f->at >= w->table->size)
		wrong(w, f, "lies outside the record");
}

static void names_are_well_formed_and_unique(void **state)
{
	(void)state;
	each_row(check_names);
}

static void every_row_is_documented(void **state)
{
	(void)state;
	each_row(check_doc);
}

static void every_row_says_what_absence_means(void **state)
{
	(void)state;
	each_row(check_absent);
}

static void defaults_are_of_their_kind(void **state)
{
	(void)state;
	each_row(check_default);
}

static void bounds_belong_to_their_kinds(void **state)
{
	(void)state;
	each_row(check_bounds);
}

/* What stands for a field in the tag weir-set. A letter that was ever here means that field for ever: rows may move and
   be renamed, and when one goes its line stays, so that no later field gets its letter. */
static const struct {
	const char *table, *api, letter[2];
} letters[] = {
	{"application", "displayName", "n"},
	{"application", "description", "d"},
	{"application", "language", "l"},
	{"application", "type", "t"},
	{"application", "sparkVersion", "v"},
	{"application", "fileUri", "f"},
	{"application", "className", "k"},
	{"application", "arguments", "a"},
	{"application", "parameters", "p"},
	{"application", "execute", "x"},
	{"application", "configuration", "s"},
	{"application", "archiveUri", "z"},
	{"application", "driverShape", "q"},
	{"application", "driverShapeConfig", "D"},
	{"application", "executorShape", "r"},
	{"application", "executorShapeConfig", "E"},
	{"application", "numExecutors", "e"},
	{"application", "logsBucketUri", "b"},
	{"application", "warehouseBucketUri", "w"},
	{"application", "metastoreId", "h"},
	{"application", "poolId", "o"},
	{"application", "privateEndpointId", "i"},
	{"application", "applicationLogConfig", "L"},
	{"application", "maxDurationInMinutes", "m"},
	{"application", "idleTimeoutInMinutes", "y"},
	{"application", "prevent_delete", "u"},
	{"shape_config", "ocpus", "o"},
	{"shape_config", "memoryInGBs", "m"},
	{"log_config", "logGroupId", "g"},
	{"log_config", "logId", "l"},
};
enum { LETTERS = sizeof letters / sizeof *letters };

static const char *letter_of(const char *table, const char *api)
{
	for (size_t i = 0; i < LETTERS; i++)
		if (!strcmp(letters[i].table, table) && !strcmp(letters[i].api, api))
			return letters[i].letter;
	return NULL;
}

/* Those of which weir remembers what it set; tags are remembered by their keys. Not the compartment: it is changed by a
   request of its own, so that the tag, which goes with another, could say what is not so. */
static bool is_remembered(const struct walk *w, const struct field *f)
{
	bool ours = w->table == &application_record || w->table == &shape_config_record ||
		w->table == &log_config_record;
	return ours && f->kind != FIELD_TAGS &&
		!(f->flags & (FIELD_COMPUTED | FIELD_MERGED | FIELD_MOVED));
}

static void check_letter(struct walk *w, const struct field *f)
{
	const char letter[] = {f->letter, '\0'};
	if (!is_remembered(w, f))
		return;
	if (f->kind == FIELD_OBJ
			? !isupper((unsigned char)f->letter)
			: !islower((unsigned char)f->letter) && !isdigit((unsigned char)f->letter))
		wrong(w, f, "an OBJ has an upper-case letter, others a lower-case one or a digit");
	if (f->kind == FIELD_OBJ && w->table != &application_record)
		wrong(w, f, "a record in a record in a record is not remembered");
	if (!map_put(&w->names, letter, NULL))
		wrong(w, f, "another row has that letter");
	const char *was = letter_of(w->table->name, f->api ? f->api : f->name);
	if (!was)
		wrong(w, f, "a new row: give it a letter that no line has, and add its line");
	else if (strcmp(was, letter))
		wrong(w, f, "a letter must never change");
}

static void letters_never_change(void **state)
{
	(void)state;
	each_row(check_letter);
	arena_auto a = {0};
	struct map seen = {.arena = &a};
	for (size_t i = 0; i < LETTERS; i++)
		if (!map_put(&seen, arena_printf(&a, "%s %s", letters[i].table, letters[i].letter),
			    NULL))
			fail_msg("%s of %s stands for two", letters[i].letter, letters[i].table);
}

/* Data Flow takes null for "leave it": a number or boolean cannot be cleared. */
static void check_clear(struct walk *w, const struct field *f)
{
	bool number = f->kind == FIELD_I64 || f->kind == FIELD_NUM || f->kind == FIELD_BOOL;
	if (w->table == &application_record && number && f->api &&
		(f->absent == ABSENT_SERVER || f->absent == ABSENT_RESET))
		wrong(w, f, "a number or boolean that would be cleared, and cannot be");
	if (w->table == &application_record && f->flags & FIELD_IMMUTABLE &&
		f->absent != ABSENT_STAYS && f->absent != ABSENT_REQUIRED)
		wrong(w, f, "what cannot be changed cannot be cleared");
}

static void what_cannot_be_cleared_says_so(void **state)
{
	(void)state;
	each_row(check_clear);
}

/* Whatever the tables say, an empty record passes through the engine, and differs from itself in nothing but
   defaults. */
static void every_table_passes_through_the_engine(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		const struct record *r = tables[i];
		arena_auto a = {0};
		void *empty = arena_alloc(&a, r->size), *back = arena_alloc(&a, r->size);
		const struct node *n = field_encode(r, empty, FORM_REPLY, &a);
		assert_true(field_decode(r, n, FORM_REPLY, "", &a, back, NULL, NULL));
		assert_memory_equal(empty, back, r->size);
		struct field_changes c = {0};
		field_diff(r, empty, empty, &a, &c);
		for (size_t k = 0; k < c.n; k++)
			assert_int_equal(c.v[k].field->absent, ABSENT_DEFAULT);
		buf_auto page = {0};
		field_reference(r, &page);
		node_to_json(field_schema(r, &a), NODE_JSON_COMPACT, &page);
		assert_false(page.overflow);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_well_formed_and_unique),
		cmocka_unit_test(every_row_is_documented),
		cmocka_unit_test(every_row_says_what_absence_means),
		cmocka_unit_test(defaults_are_of_their_kind),
		cmocka_unit_test(bounds_belong_to_their_kinds),
		cmocka_unit_test(letters_never_change),
		cmocka_unit_test(what_cannot_be_cleared_says_so),
		cmocka_unit_test(every_table_passes_through_the_engine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
