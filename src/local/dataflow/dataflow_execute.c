/*
 * `execute`: the options, program and arguments of a spark-submit command line. Where it is given, file, class,
 * language, arguments, parameters and configuration are what it says, and what a request says of them does not
 * count (CreateApplicationDetails.execute).
 */
#include "local/dataflow/dataflow.h"

#include "base/map.h"
#include "base/text.h"
#include "model/application.h"
#include "model/oci_uri.h"

#include <string.h>

/* Options that are Spark properties by another name. */
static const struct {
	const char *option, *property;
} options[] = {
	{"--files", "spark.files"},
	{"--py-files", "spark.submit.pyFiles"},
	{"--jars", "spark.jars"},
	{"--archives", "spark.archives"},
	{"--packages", "spark.jars.packages"},
	{"--name", "spark.app.name"},
	{"--driver-memory", "spark.driver.memory"},
	{"--executor-memory", "spark.executor.memory"},
	{"--driver-java-options", "spark.driver.extraJavaOptions"},
	{"--driver-class-path", "spark.driver.extraClassPath"},
};

struct command {
	struct arena *arena;
	struct dataflow_refusal *refusal;
	const char **words;
	size_t n, cap, at;
	struct node *configuration, *arguments;
	const char *class_name, *file;
};

static bool refuse(struct command *c, const char *what, const char *word)
{
	return dataflow_refuse(
		c->refusal, 400, "InvalidParameter", "execute: %s: `%s`.", what, word);
}

/* One word as a shell reads it, without anything but quotes and backslashes; NULL at the end. */
static const char *next_word(struct command *c, const char **at, bool *ok)
{
	const char *s = *at + strspn(*at, " \t\r\n");
	buf_auto word = {0};
	char quote = 0;
	if (!*s)
		return NULL;
	for (; *s && (quote || !strchr(" \t\r\n", *s)); s++) {
		if (*s == '\\' && quote != '\'' && s[1])
			buf_addc(&word, *++s);
		else if (quote ? *s == quote : *s == '"' || *s == '\'')
			quote = quote ? 0 : *s;
		else
			buf_addc(&word, *s);
	}
	*at = s;
	*ok = !quote;
	return arena_strdup(c->arena, buf_str(&word));
}

static bool split(struct command *c, const char *text)
{
	bool ok = true;
	const char *word, *at = text;
	while ((word = next_word(c, &at, &ok))) {
		c->words = arena_grow(c->arena, c->words, c->n, &c->cap, sizeof *c->words);
		c->words[c->n++] = word;
	}
	return ok || refuse(c, "a quote is not closed", c->words[c->n - 1]);
}

/* The value of the option at c->at, behind its `=` or as the next word. */
static const char *value_of(struct command *c, const char *word, const char *option)
{
	size_t n = strlen(option);
	if (strncmp(word, option, n))
		return NULL;
	if (word[n] == '=')
		return word + n + 1;
	return word[n] == '\0' && c->at < c->n ? c->words[c->at++] : NULL;
}

static bool put_conf(struct command *c, const char *setting)
{
	const char *equal = strchr(setting, '=');
	if (!equal)
		return refuse(c, "--conf is KEY=VALUE", setting);
	char *key = arena_strndup(c->arena, setting, (size_t)(equal - setting));
	if (!configuration_key_ok(key))
		return refuse(c, CONFIGURATION_KEY_DOC, key);
	node_put(c->arena, c->configuration, key, node_str(c->arena, equal + 1));
	return true;
}

static bool read_option(struct command *c, const char *word)
{
	const char *value = value_of(c, word, "--conf");
	if (value)
		return put_conf(c, value);
	if ((value = value_of(c, word, "--class"))) {
		c->class_name = value;
		return true;
	}
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		if (!(value = value_of(c, word, options[i].option)))
			continue;
		node_put(
			c->arena, c->configuration, options[i].property, node_str(c->arena, value));
		return true;
	}
	return refuse(c, "not an option that a run can have, or it lacks its value", word);
}

static bool read_words(struct command *c)
{
	while (c->at < c->n && text_starts(c->words[c->at], "-"))
		if (!read_option(c, c->words[c->at++]))
			return false;
	if (c->at == c->n)
		return refuse(c, "the program is missing", "oci://...");
	c->file = c->words[c->at++];
	if (!oci_uri_ok(c->file))
		return refuse(c, "the program must be " OCI_URI_DOC, c->file);
	for (; c->at < c->n; c->at++)
		node_append(c->arena, c->arguments, node_str(c->arena, c->words[c->at]));
	return true;
}

static const char *language_of(const struct command *c)
{
	return text_ends(c->file, ".jar") ? "JAVA" : text_ends(c->file, ".sql") ? "SQL" : "PYTHON";
}

bool dataflow_execute(struct node *record, struct arena *a, struct dataflow_refusal *ret)
{
	const char *text = node_get_str(record, "execute");
	if (text_empty(text))
		return true;
	struct command c = {
		.arena = a, .refusal = ret, .configuration = node_map(a), .arguments = node_seq(a)};
	if (!split(&c, text) || !read_words(&c))
		return false;
	node_put(a, record, "fileUri", node_str(a, c.file));
	node_put(a, record, "className", node_str(a, c.class_name));
	node_put(a, record, "language", node_str(a, language_of(&c)));
	node_put(a, record, "arguments", c.arguments);
	node_put(a, record, "parameters", node_null(a));
	node_put(a, record, "configuration", c.configuration);
	return true;
}
