/*
 * The tables of weir-local.db. store_schema[N] brings a database from PRAGMA user_version N to N + 1; a list
 * that ends with NULL. What was released is never edited: a change is a further step.
 */
#ifndef LOCAL_STORE_SCHEMA_H
#define LOCAL_STORE_SCHEMA_H

extern const char *const store_schema[];

#endif
