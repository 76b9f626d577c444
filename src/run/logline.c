#include "run/logline.h"

#include <ctype.h>
#include <string.h>

static const char *const levels[] = {
	"TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL", NULL};
/* What is said before there is a logger. */
static const char *const first_words[] = {"Using Spark's default log4j ",
	"Setting default log level to ", "To adjust logging level use ",
	"log4j:", "SLF4J: ", "Picked up JAVA_TOOL_OPTIONS", "Picked up _JAVA_OPTIONS",
	"Picked up JDK_JAVA_OPTIONS", "OpenJDK 64-Bit Server VM warning:",
	"Java HotSpot(TM) 64-Bit Server VM warning:", "WARNING: An illegal reflective access",
	"WARNING: Illegal reflective access by ", "WARNING: Please consider reporting this to ",
	"WARNING: Use --illegal-access", "WARNING: All illegal access operations ",
	"WARNING: Using incubator modules", "Exception in thread \"", "Caused by: ", NULL};
static const char *const ivy_words[] = {
	":: ", "Ivy Default Cache set to: ", "The jars for the packages stored in: ", NULL};

struct span {
	const char *s, *end;
};

static bool takes(struct span *t, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(t->end - t->s) < n || memcmp(t->s, word, n) != 0)
		return false;
	t->s += n;
	return true;
}

static bool starts(struct span t, const char *word)
{
	return takes(&t, word);
}

static bool starts_with_one(struct span t, const char *const *words)
{
	for (; *words; words++)
		if (starts(t, *words))
			return true;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* form: 0 stands for a digit, the rest for itself. */
static bool takes_form(struct span *t, const char *form)
{
	size_t n = strlen(form);
	if ((size_t)(t->end - t->s) < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == '0' ? !is_digit(t->s[i]) : form[i] != t->s[i])
			return false;
	t->s += n;
	return true;
}

static size_t takes_digits(struct span *t)
{
	const char *from = t->s;
	while (t->s < t->end && is_digit(*t->s))
		t->s++;
	return (size_t)(t->s - from);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$' || c == '-';
}

/* A level that is a word by itself, before anything that a program would separate values by. */
static bool has_level(struct span t)
{
	enum { FAR = 120 };
	const char *end = t.end - t.s > FAR ? t.s + FAR : t.end;
	for (const char *s = t.s, *word; s < end; s = word == s ? s + 1 : word) {
		for (word = s; word < t.end && isupper((unsigned char)*word); word++)
			;
		if (*s == ',' || *s == '"' || *s == '\t' || *s == ';')
			return false;
		struct span w = {s, word};
		bool alone = (s == t.s || !is_word(s[-1])) && (word == t.end || !is_word(*word));
		for (const char *const *l = levels; alone && *l; l++)
			if (strlen(*l) == (size_t)(word - s) && starts(w, *l))
				return true;
	}
	return false;
}

/* A time and a level: "24/01/31 09:00:00 WARN X: ", "2024-01-31 09:00:00,123 - x - INFO - ", "2024-01-31T09:00:00.1Z [x] INFO". */
static bool is_message(struct span t)
{
	struct span iso = t;
	if (takes_form(&t, "00/00/00 00:00:00 "))
		return has_level(t);
	if (takes(&iso, "["))
		t = iso;
	if (!takes_form(&t, "0000-00-00T00:00:00") && !takes_form(&t, "0000-00-00 00:00:00"))
		return false;
	if (t.s < t.end && (*t.s == '.' || *t.s == ',')) {
		t.s++;
		if (!takes_digits(&t))
			return false;
	}
	if (!takes(&t, "Z") && !takes_form(&t, "+00:00") && !takes_form(&t, "-00:00") &&
		!takes_form(&t, "+0000"))
		takes_form(&t, "-0000");
	takes(&t, "]");
	return takes(&t, " ") && has_level(t);
}

/* Python's "WARNING:root:", and "WARN  TaskSetManager:66 - " of older Sparks. */
static bool begins_with_level(struct span t)
{
	for (const char *const *l = levels; *l; l++) {
		struct span rest = t;
		if (!takes(&rest, *l))
			continue;
		bool spaced = starts(rest, " ");
		if (!spaced && !takes(&rest, ":"))
			continue;
		while (spaced && takes(&rest, " "))
			;
		while (rest.s < rest.end && is_word(*rest.s))
			rest.s++;
		if (takes(&rest, ":") && (!spaced || (takes_digits(&rest) && takes(&rest, " - "))))
			return true;
	}
	return false;
}

/* "/x/y.py:12: FutureWarning: " */
static bool is_python_warning(struct span t)
{
	const char *at = memmem(t.s, (size_t)(t.end - t.s), ".py:", 4);
	if (!at || memchr(t.s, ' ', (size_t)(at - t.s)))
		return false;
	t.s = at + 4;
	if (!takes_digits(&t) || !takes(&t, ": "))
		return false;
	const char *colon = memchr(t.s, ':', (size_t)(t.end - t.s));
	return colon && colon - t.s >= 7 && !memcmp(colon - 7, "Warning", 7) &&
		!memchr(t.s, ' ', (size_t)(colon - t.s));
}

/* "\tat x.Y", "\t... 12 more" */
static bool is_frame(struct span t)
{
	return starts(t, "\tat ") || (takes(&t, "\t... ") && takes_digits(&t)) ||
		starts(t, "\tSuppressed: ");
}

/* "java.lang.IllegalStateException: x", "py4j.protocol.Py4JJavaError: x", "ValueError" */
static bool is_exception(struct span t, bool qualified)
{
	const char *from = t.s, *dot = NULL;
	for (; t.s < t.end && is_word(*t.s); t.s++)
		if (*t.s == '.')
			dot = t.s;
	bool ends = t.s == t.end || *t.s == ':';
	if (t.s == from || !ends || (qualified && !dot))
		return false;
	size_t n = (size_t)(t.s - from);
	return !qualified || (n > 9 && !memcmp(t.s - 9, "Exception", 9)) ||
		(n > 5 && !memcmp(t.s - 5, "Error", 5));
}

/* "[Stage 0:====>     (3 + 1) / 8]", and tqdm's " 10%|#  | 1/10 [00:00". */
static bool is_bar(struct span t)
{
	if (takes(&t, "[Stage ") && takes_digits(&t) && starts(t, ":"))
		return true;
	while (takes(&t, " "))
		;
	return takes_digits(&t) && takes(&t, "%|");
}

static bool is_blank(struct span t)
{
	while (t.s < t.end && (*t.s == ' ' || *t.s == '\r'))
		t.s++;
	return t.s == t.end;
}

/* A bar is drawn over itself, then wiped with spaces; the next line begins where it stood. */
static struct span behind_bars(struct span t)
{
	struct span left = t;
	bool bar = false;
	for (const char *cr; (cr = memchr(left.s, '\r', (size_t)(left.end - left.s)));) {
		struct span piece = {left.s, cr};
		bool drawn = is_bar(piece);
		if (!drawn && !is_blank(piece))
			break;
		bar |= drawn;
		left.s = cr + 1;
	}
	return bar ? left : t;
}

/* Those with a query, a plan or the other side's trace in their message. */
static bool explains_itself(struct span t)
{
	static const char *const names[] = {"AnalysisException", "ParseException",
		"PythonException", "StreamingQueryException", "QueryExecutionException",
		"Py4JJavaError"};
	const char *colon = memchr(t.s, ':', (size_t)(t.end - t.s));
	size_t n = colon ? (size_t)(colon - t.s) : 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t len = strlen(names[i]);
		if (n > len && !memcmp(colon - len, names[i], len))
			return true;
	}
	return false;
}

static bool is_json(struct span t)
{
	return starts(t, "{") || starts(t, "[");
}

static bool follows_message(struct logline *l, struct span t)
{
	return is_frame(t) || starts(t, "Caused by: ") || is_exception(t, true) ||
		(l->in == LOGLINE_RAISED && starts(t, ": "));
}

static bool follows_exception(struct logline *l, struct span t)
{
	static const char *const joins[] = {"During handling of the above exception",
		"The above exception was the direct cause", NULL};
	return l->in == LOGLINE_RAISED && (is_blank(t) || starts_with_one(t, joins));
}

/* Whether it belongs to what was begun. */
static bool goes_on(struct logline *l, struct span t)
{
	switch (l->in) {
	case LOGLINE_NONE:
		return false;
	case LOGLINE_IVY:
		return starts(t, "\t") || starts(t, "downloading ");
	case LOGLINE_WARNING:
		l->in = LOGLINE_NONE;
		return starts(t, "  ");
	case LOGLINE_TRACEBACK:
		if (starts(t, " "))
			return true;
		l->in = explains_itself(t) ? LOGLINE_EXPLAINED : LOGLINE_RAISED;
		return is_exception(t, false);
	case LOGLINE_EXPLAINED:
		if (is_blank(t))
			l->in = LOGLINE_RAISED;
		return !is_json(t);
	case LOGLINE_MESSAGE:
	case LOGLINE_RAISED:
		return follows_message(l, t) || follows_exception(l, t);
	}
	return false;
}

static bool begins(struct logline *l, struct span t)
{
	if (is_message(t) || begins_with_level(t) || is_frame(t) || starts_with_one(t, first_words))
		l->in = LOGLINE_MESSAGE;
	else if (starts_with_one(t, ivy_words))
		l->in = LOGLINE_IVY;
	else if (is_python_warning(t))
		l->in = LOGLINE_WARNING;
	else if (starts(t, "Traceback (most recent call last):"))
		l->in = LOGLINE_TRACEBACK;
	else
		return is_bar(t);
	return true;
}

bool logline_is_log(struct logline *l, const char **text, size_t *n)
{
	struct span t = behind_bars((struct span){*text, *text + *n});
	bool was_bar = t.s != *text;
	*text = t.s;
	*n = (size_t)(t.end - t.s);
	if (goes_on(l, t) || begins(l, t))
		return true;
	l->in = LOGLINE_NONE;
	return was_bar && is_blank(t);
}
