/*
 * What a request may do, decided here alone. A route says in its row of the table which verb on which type of
 * resource it needs, and whose compartment counts (`of`; for what is moved also `to`):
 *
 *	.needs = NEEDS(READ, APPLICATION, APPLICATION)          to read the application that the path names
 *	.needs = NEEDS_TO_MOVE(MANAGE, RUN, RUN)                  likewise, and to manage runs where it goes
 *
 * What the caller may not do looks as if it were not there: the reply to a request for another's is, byte for byte,
 * that to a request for nothing. So what is not there is refused here, too.
 */
#ifndef LOCAL_PERMIT_H
#define LOCAL_PERMIT_H

#include <stdbool.h>

enum permit_verb { VERB_NONE, VERB_INSPECT, VERB_READ, VERB_USE, VERB_MANAGE, VERBS };
enum permit_type {
	TYPE_NONE, /* any verb: every user */
	TYPE_NAMESPACE,
	TYPE_BUCKET,
	TYPE_OBJECT,
	TYPE_APPLICATION,
	TYPE_RUN,
	TYPE_POOL,
	TYPE_PRIVATE_ENDPOINT,
	TYPE_WORK_REQUEST, /* of Data Flow; a statement about any of its types is one about these */
	TYPE_COMPARTMENT,
	TYPE_SECRET, /* a secret's bundle: its value */
	TYPES
};
enum permit_of {
	OF_UNSAID,      /* a row that says nothing: nobody may */
	OF_ANYONE,      /* no compartment counts */
	OF_TENANCY,     /* the root */
	OF_HOME,        /* the service itself: its own user, not a run */
	OF_QUERY,       /* the query's compartmentId */
	OF_BODY,        /* the body's compartmentId */
	OF_BUCKET,      /* that of the bucket args[1] */
	OF_OBJECT_PUT,  /* likewise; VERB_USE is enough where the object args[2] is there */
	OF_APPLICATION, /* that of the application args[0] */
	OF_RUN,
	OF_POOL,
	OF_PRIVATE_ENDPOINT,
	OF_WORK_REQUEST,
	OF_SECRET,
};
struct permit {
	enum permit_verb verb;
	enum permit_type type;
	/* to: OF_BODY where a compartmentId in the body moves it; VERB_MANAGE is needed there. Else OF_UNSAID. */
	enum permit_of of, to;
};
#define NEEDS(verb, type, of)                                \
	{                                                    \
		VERB_##verb, TYPE_##type, OF_##of, OF_UNSAID \
	}
#define NEEDS_TO_MOVE(verb, type, of)                      \
	{                                                  \
		VERB_##verb, TYPE_##type, OF_##of, OF_BODY \
	}

struct request;
struct reply;
/* The part that needs no body, and the part that does. False with a 404. */
bool permit_head(struct request *r, const struct permit *needs, struct reply *reply);
bool permit_body(struct request *r, const struct permit *needs, struct reply *reply);
/* Whether the caller may do that in this compartment. */
bool permit_in(const struct request *r, enum permit_verb verb, enum permit_type type,
	const char *compartment);

#endif
