/*
 * One row describes one field; every operation on a record walks the rows: the check of YAML with its
 * diagnostics, request bodies, the decoding of replies, the diff, the JSON Schema, the reference page, and
 * weir-local's validation. A new field is a new row; a new resource kind is a table.
 *
 *	struct shape_config { struct opt_num ocpus, memory_in_gbs; };
 *	const struct record shape_config_record = RECORD("shape_config", struct shape_config,
 *		NUM(struct shape_config, ocpus, "ocpus", ABSENT_SERVER, "Number of OCPUs.", .min = 1, .max = 64),
 *		NUM(struct shape_config, memory_in_gbs, "memoryInGBs", ABSENT_SERVER, "Memory in GB."));
 *
 * The macros check the member's C type: a row of the wrong kind does not compile. Records are plain structs
 * in an arena, zero = all absent; strings and lists are borrowed from that arena. Values of fields that are
 * FIELD_SENSITIVE come out of changes and pages as "(sensitive)": the engine redacts, not its callers.
 */
#ifndef FIELD_FIELD_H
#define FIELD_FIELD_H

#include "base/arena.h"
#include "base/buf.h"
#include "field/node.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
enum field_kind {
	FIELD_STR,    /* const char *: NULL absent */
	FIELD_ENUM,   /* const char *: one of choices */
	FIELD_I64,    /* struct opt_i64 */
	FIELD_NUM,    /* struct opt_num; 1 = 1.0 */
	FIELD_BOOL,   /* struct opt_bool */
	FIELD_OBJ,    /* pointer to the record `of`: NULL absent */
	FIELD_STRS,   /* struct strs */
	FIELD_PAIRS,  /* struct pairs: string to string; a map in YAML and the API */
	FIELD_PARAMS, /* struct pairs: a map in YAML, [{name, value}] in the API; order does not count */
	FIELD_TAGS,   /* struct pairs, names "namespace.key": {ns: {key: value}} in both; in YAML "a.b": v too */
	FIELD_KEYED,  /* struct keyed: a map of keys to records `of`, whose struct has a struct keyed_head `head` */
	FIELD_ANY,    /* const struct node *: kept as it is */
};

enum field_flag {
	FIELD_REQUIRED = 1 << 0,       /* must be there in YAML and on create */
	FIELD_IMMUTABLE = 1 << 1,      /* not in updates: a change means replace */
	FIELD_COMPUTED = 1 << 2,       /* the service sets it: refused in YAML and requests, never in a diff */
	FIELD_SENSITIVE = 1 << 3,      /* never printed */
	FIELD_OPEN = 1 << 4,           /* choices are those known today: others are a warning, not an error */
	FIELD_READ_ONLY_DIFF = 1 << 5, /* decoded, not compared (weir compares it otherwise) */
	FIELD_MERGED = 1 << 6,         /* PAIRS (freeform tags): only the keys that want has are compared, an
	                                  update sends the live ones with ours merged in. TAGS always are */
	FIELD_MOVED = 1 << 8,          /* IMMUTABLE, but the service has an action for it: no replacement */
	FIELD_FILLED = 1 << 9,         /* where it is empty the service puts a value of its own: a spec that says
	                                  "" leaves it to the service */
	FIELD_PARTIAL = 1 << 7,        /* OBJ, KEYED: in a file a part of the record; the rest comes from elsewhere
	                                  (defaults). The schema requires nothing inside, nor does the decoding
	                                  of an OBJ; that of a KEYED does, since it comes after the merge */
};
/* clang-format on */

/* What it means that a spec does not have the field. Explicit in every row; 0 is a mistake. */
enum field_absent {
	ABSENT_SERVER =
		1, /* the service's: whatever it has is no difference; what was set before and is now gone
	                      from the spec is cleared ("", [], {}, null; inside a record by leaving it out) */
	ABSENT_STAYS,    /* likewise, but the API cannot clear it: it stays, and that is told */
	ABSENT_DEFAULT,  /* `dflt` is sent and compared */
	ABSENT_RESET,    /* compared as empty: what is there goes */
	ABSENT_REQUIRED, /* cannot be absent (with FIELD_REQUIRED or in computed rows) */
};

/* clang-format off */
struct opt_i64 { bool set; int64_t v; };
struct opt_num { bool set; double v; };
struct opt_bool { bool set; bool v; };
struct strs { const char **v; size_t n; };            /* v NULL: absent; v set, n 0: empty */
struct pair { const char *name, *value; };
struct pairs { struct pair *v; size_t n; };           /* likewise; names unique */
/* Member `head` of each record that a FIELD_KEYED row holds. node is the record's own value. */
struct keyed_head { const char *key; struct mark mark; const struct node *node; };
struct keyed { void *v; size_t n; };                  /* n records of of->size bytes */
/* clang-format on */

struct record;
struct field {
	const char *name; /* in YAML, snake_case */
	const char *
		api; /* in the API, camelCase; NULL: weir's own, not sent; compared if it has a letter */
	const char *doc; /* one line */
	enum field_kind kind;
	enum field_absent absent;
	unsigned flags;
	size_t at;                  /* offset in the record */
	const char *const *choices; /* NULL-terminated */
	const struct record *of;
	size_t head_at; /* KEYED: offset of `head` in the record `of` */
	/* I64, NUM: the range; both 0 for none, max < min for no upper end. STRS, PAIRS, PARAMS, TAGS, KEYED: of
	   the count. */
	double min, max;
	size_t max_len; /* of a STR, in bytes; 0: no limit */
	bool (*key_ok)(const char *key);
	const char *key_pattern_doc;   /* KEYED, PAIRS, PARAMS: what key_ok asks: "a key: [a-z]+" */
	bool (*ok)(const char *value); /* STR: further check; with ok_doc for the message */
	const char *ok_doc;            /* "an oci:// URI: oci://bucket@namespace/path" */
	const char *(*canon)(struct arena *a, const char *value); /* STR: the form compared */
	const char *dflt; /* ABSENT_DEFAULT; and the service's default, for docs and schema */
	/* What stands for the field in field/memory.h, for ever: unique in the record and never another field's, even
	   when this one is gone. Upper case for an OBJ, else lower case or a digit; 0: not remembered. */
	char letter;
};
struct record {
	const char *name;
	size_t size;
	const struct field *fields; /* ends with name NULL */
	const struct record *base;  /* rows of the struct at offset 0 of this one; NULL for none */
};

/* clang-format off */
#define FIELD_AT(S, m, T) (offsetof(S, m) + 0 * sizeof(char[_Generic(((S *)0)->m, T : 1)]))
#define FIELD_ROW(S, m, ...) FIELD_NAMED(S, m, #m, __VA_ARGS__)
/* For a YAML name that is no C name (`default`, `enum`): (struct, member, "name", kind, C type, ...). */
#define FIELD_NAMED(S, m, n, k, T, a, ab, d, ...) \
	{.name = n, .api = a, .doc = d, .kind = k, .absent = ab, .at = FIELD_AT(S, m, T), __VA_ARGS__}
/* (struct, member, API name, absent, doc, further fields of struct field ...) */
#define STR(S, m, a, ab, d, ...) FIELD_ROW(S, m, FIELD_STR, const char *, a, ab, d, __VA_ARGS__)
#define ENUM(S, m, c, a, ab, d, ...) \
	FIELD_ROW(S, m, FIELD_ENUM, const char *, a, ab, d, .choices = c, __VA_ARGS__)
#define I64(S, m, a, ab, d, ...) FIELD_ROW(S, m, FIELD_I64, struct opt_i64, a, ab, d, __VA_ARGS__)
#define NUM(S, m, a, ab, d, ...) FIELD_ROW(S, m, FIELD_NUM, struct opt_num, a, ab, d, __VA_ARGS__)
#define BOOL(S, m, a, ab, d, ...) FIELD_ROW(S, m, FIELD_BOOL, struct opt_bool, a, ab, d, __VA_ARGS__)
/* T is the struct's tag; its table is T##_record. */
#define OBJ(S, m, T, a, ab, d, ...) \
	FIELD_ROW(S, m, FIELD_OBJ, struct T *, a, ab, d, .of = &T##_record, __VA_ARGS__)
#define STRS(S, m, a, ab, d, ...) FIELD_ROW(S, m, FIELD_STRS, struct strs, a, ab, d, __VA_ARGS__)
#define PAIRS(S, m, a, ab, d, ...) FIELD_ROW(S, m, FIELD_PAIRS, struct pairs, a, ab, d, __VA_ARGS__)
#define PARAMS(S, m, a, ab, d, ...) FIELD_ROW(S, m, FIELD_PARAMS, struct pairs, a, ab, d, __VA_ARGS__)
#define TAGS(S, m, a, ab, d, ...) FIELD_ROW(S, m, FIELD_TAGS, struct pairs, a, ab, d, __VA_ARGS__)
#define ANY(S, m, a, ab, d, ...) FIELD_ROW(S, m, FIELD_ANY, const struct node *, a, ab, d, __VA_ARGS__)
#define KEYED(S, m, T, ab, d, ...) \
	FIELD_ROW(S, m, FIELD_KEYED, struct keyed, NULL, ab, d, \
		.of = &T##_record, .head_at = FIELD_AT(struct T, head, struct keyed_head), __VA_ARGS__)
#define RECORD(n, S, ...) \
	{.name = n, .size = sizeof(S), .fields = (const struct field[]){__VA_ARGS__, {0}}}
#define RECORD_ON(n, S, b, ...) \
	{.name = n, .size = sizeof(S), .base = b, .fields = (const struct field[]){__VA_ARGS__, {0}}}
/* clang-format on */

/* Calls fn for every row, those of base first; stops and returns false when fn does. */
bool record_each(const struct record *r, bool (*fn)(void *ctx, const struct field *f), void *ctx);
/* The row of that YAML (or API) name, base included; NULL if there is none. */
const struct field *record_field(const struct record *r, const char *name);
const struct field *record_field_api(const struct record *r, const char *api);

/* Whose names a node uses and how strictly it is read. */
enum field_form {
	FORM_YAML, /* a spec: YAML names, unknown keys refused, required ones asked for, computed refused;
	                a string field takes any scalar as written, a number field no string */
	FORM_CREATE, /* a create request at weir-local: API names, unknown refused, required asked for */
	FORM_UPDATE, /* an update request: nothing required, IMMUTABLE refused */
	FORM_REPLY, /* the service's reply: unknown fields and enum values tolerated, all fields read */
};
/* A mistake: path from the record ("apps.copy.num_executors" in YAML form, "driverShapeConfig.ocpus" in
   API form), the node that is wrong (never NULL), what is wrong, and a cure or NULL. */
typedef void field_complain_fn(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint);

/* Reads node into *out (zeroed first), whose strings are in the arena. Reports every mistake, not the first;
   returns whether there was none. A null value means absent; of a KEYED map, a record with nothing in it.
   ANY and keyed_head.node point into node, which must live as long as out. path is the prefix for messages,
   "" for none. complain may be NULL: nobody asks what was wrong. */
bool field_decode(const struct record *r, const struct node *node, enum field_form form,
	const char *path, struct arena *a, void *out, field_complain_fn *complain, void *ctx);

/* A record as a node. FORM_YAML: YAML names, all that is set. FORM_CREATE: API names, no computed fields, the
   defaults of ABSENT_DEFAULT rows. FORM_UPDATE: likewise, without defaults, and no immutable ones. FORM_REPLY: all, absent ones as null (weir-local's replies). */
struct node *field_encode(
	const struct record *r, const void *in, enum field_form form, struct arena *a);

struct memory;
/* Whose doing a difference is: by what was set last, which both sides are held against. A map whose keys are not
   merged (parameters) is one value here. */
enum field_reason {
	FIELD_BY_UNKNOWN, /* what was set last is not known, or not of this field */
	FIELD_BY_FILE, /* live is as it was set last, or the file has the field for the first time */
	FIELD_BY_OTHERS, /* drift: the file is as it was set last, live is not */
	FIELD_BY_BOTH,
};
/* One difference. path in YAML names: "driver_shape_config.ocpus", "parameters.day", "freeform_tags.team",
   "arguments". was/now NULL: absent on that side. Redacted where sensitive. */
struct field_change {
	const char *path;
	const struct field *field; /* the top-level row, whatever path names inside it */
	const struct node *was, *now;
	bool replaces; /* an immutable field */
	enum field_reason reason;
};
struct field_changes {
	struct field_change *v;
	size_t n, cap;
};
/* What must change on live to be want, by the rows' `absent`, canonical forms and empties (null, "", [] and {}
   equal absent). Of freeform and defined tags only the keys that want declares count. Pure. */
void field_diff(const struct record *r, const void *live, const void *want, struct arena *a,
	struct field_changes *ret);
/* As field_diff, and by what was set last (NULL or none: not known): the reason of each change; what was set before and
   want has no more is cleared, keys of tags too. ret_stays gets the rest of that, which the API cannot clear
   (ABSENT_STAYS, and immutable fields): no changes, but worth a warning. */
void field_diff_since(const struct record *r, const void *live, const void *want,
	const struct memory *set, struct arena *a, struct field_changes *ret,
	struct field_changes *ret_stays);
/* The body of an update: API names, each top-level field that changes whole (maps and lists replaced, a field
   to clear as "", [] or {}, a number or boolean as null). Of a record inside, what want leaves to the service
   goes as it is live, and tags go as the live ones with ours merged in, both less what a change with now == NULL
   names. Immutable fields are left out: they need a replacement. */
struct node *field_update_body(const struct record *r, const void *live, const void *want,
	const struct field_changes *changes, struct arena *a);

/* Deep copy of a record into the arena (the texts of marks, and keyed_head.node, stay where they are). */
void field_copy(const struct record *r, const void *from, void *to, struct arena *a);
/* Each top-level field that `from` has replaces that of `to`: an update carried out, or a run on its
   application. Deep copies. */
void field_overlay(const struct record *r, const void *from, void *to, struct arena *a);
/* Whether the record has that field; "" and [] count as had. */
bool field_is_set(const struct field *f, const void *record);

/* JSON Schema (draft 2020-12 object) of the YAML form, and a Markdown table for the reference: records inside
   by dotted keys, but those of KEYED and FIELD_PARTIAL rows by their names, for a table of their own. */
struct node *field_schema(const struct record *r, struct arena *a);
void field_reference(const struct record *r, struct buf *out);

#endif
