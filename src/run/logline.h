/*
 * Which lines of a run's standard output its program printed, and which were logged around them: PySpark merges both
 * streams of the driver into one (contract 4.7), so that log4j's lines, Python's logging, warnings and tracebacks, and
 * Spark's progress bar stand between what the program printed.
 *
 * A line is known by its form alone: a time and a level before a message (log4j's and log4j2's usual patterns, Python's
 * `%(asctime)s ... %(levelname)s`), `LEVEL:logger:message`, what Spark, Ivy and the JVM say when they start, a stack trace
 * or traceback to its end; where Spark's exceptions explain themselves in several lines, to the next empty one. What only looks like a message ("ERROR: no rows") is the program's.
 *
 *	struct logline l = {0};
 *	for each line: if (!logline_is_log(&l, &text, &n)) use(text, n);
 */
#ifndef RUN_LOGLINE_H
#define RUN_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>

/* What the lines before have begun; zero at first. */
struct logline {
	enum {
		LOGLINE_NONE,
		LOGLINE_MESSAGE,   /* a stack trace may follow */
		LOGLINE_IVY,       /* its indented report */
		LOGLINE_WARNING,   /* the source line that Python warns of */
		LOGLINE_TRACEBACK, /* Python's: up to the exception */
		LOGLINE_EXPLAINED, /* one of Spark's, whose message has lines: up to an empty one, or JSON */
		LOGLINE_RAISED, /* that has been; a Java one, or another traceback, may follow */
	} in;
};
/* *text, of *n bytes without its newline, is moved behind a progress bar that was drawn before it on the same line. */
bool logline_is_log(struct logline *l, const char **text, size_t *n);

#endif
