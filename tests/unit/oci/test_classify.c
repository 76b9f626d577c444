/* What a service's error reply is taken for, and what is shown of it. */
#include "../unit.h"
#include "base/arena.h"
#include "base/text.h"
#include "http/http_status.h"
#include "oci/classify.h"

static struct arena A;

static int teardown(void **state)
{
	(void)state;
	arena_clear(&A);
	return 0;
}

/* As http.c has it: the status' own kind and text first. */
static struct err classified(int status, const char *body, const char *request_id)
{
	struct http_reply reply = {.status = status};
	struct err err;
	err_set(&err, http_status_kind(status), "%d %s", status, http_status_name(status));
	err.http_status = status;
	if (request_id)
		http_fields_add(&reply.fields, &A, "opc-request-id", request_id);
	if (body)
		buf_adds(&reply.body, body);
	classify_reply(&reply, &err);
	buf_clear(&reply.body);
	assert_int_equal(err.http_status, status);
	return err;
}

static struct err coded(int status, const char *code)
{
	return classified(
		status, arena_printf(&A, "{\"code\":\"%s\",\"message\":\"said so\"}", code), NULL);
}

/* The table of the contract, section 3.1. */
static void every_code(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *code;
		enum err_kind kind;
	} rows[] = {
		{400, "CannotParseRequest", ERR_INVALID},
		{400, "InvalidParameter", ERR_INVALID},
		{400, "MissingParameter", ERR_INVALID},
		{400, "LimitExceeded", ERR_LIMIT},
		{400, "QuotaExceeded", ERR_LIMIT},
		{400, "RelatedResourceNotAuthorizedOrNotFound", ERR_NOT_FOUND},
		{400, "UnmatchedContentMD5", ERR_INVALID},
		{400, "InvalidBucketName", ERR_INVALID},
		{400, "InvalidObjectName", ERR_INVALID},
		{400, "InsufficientServicePermissions", ERR_PERMISSION},
		{401, "NotAuthenticated", ERR_AUTH},
		{402, "SignUpRequired", ERR_PERMISSION},
		{403, "NotAuthorized", ERR_PERMISSION},
		{403, "NotAllowed", ERR_PERMISSION},
		{404, "NotAuthorizedOrNotFound", ERR_NOT_FOUND},
		{404, "NotFound", ERR_NOT_FOUND},
		{404, "InvalidParameter", ERR_NOT_FOUND},
		{404, "NamespaceNotFound", ERR_NOT_FOUND},
		{404, "BucketNotFound", ERR_NOT_FOUND},
		{404, "ObjectNotFound", ERR_NOT_FOUND},
		{405, "MethodNotAllowed", ERR_INVALID},
		{409, "IncorrectState", ERR_INCORRECT_STATE},
		{409, "LockConflict", ERR_INCORRECT_STATE},
		{409, "ExternalServerIncorrectState", ERR_INCORRECT_STATE},
		{409, "InvalidatedRetryToken", ERR_CONFLICT},
		{409, "NotAuthorizedOrResourceAlreadyExists", ERR_CONFLICT},
		{409, "Conflict", ERR_CONFLICT},
		{409, "BucketAlreadyExists", ERR_CONFLICT},
		{409, "BucketNotEmpty", ERR_CONFLICT},
		{409, "ObjectAlreadyExists", ERR_CONFLICT},
		{409, "NotRestored", ERR_CONFLICT},
		{409, "InvalidUploadPart", ERR_CONFLICT},
		{412, "NoEtagMatch", ERR_CONFLICT},
		{412, "IfMatchFailed", ERR_CONFLICT},
		{412, "IfNoneMatchFailed", ERR_CONFLICT},
		{413, "RequestEntityTooLarge", ERR_LIMIT},
		{422, "UnprocessableEntity", ERR_INVALID},
		{429, "TooManyRequests", ERR_THROTTLED},
		{431, "RequestHeaderFieldsTooLarge", ERR_INVALID},
		{500, "InternalServerError", ERR_SERVICE},
		{500, "OutOfCapacity", ERR_SERVICE},
		{501, "MethodNotImplemented", ERR_PROTOCOL},
		{502, "BadGateway", ERR_SERVICE},
		{503, "ServiceUnavailable", ERR_SERVICE},
		{504, "GatewayTimeout", ERR_SERVICE},
		{409, "OneOfTomorrow", ERR_CONFLICT},
		{418, "OneOfTomorrow", ERR_INVALID},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = coded(rows[i].status, rows[i].code);
		if (err.kind != rows[i].kind)
			fail_msg("%d %s is %s", rows[i].status, rows[i].code,
				err_kind_name(err.kind));
		assert_string_equal(err.code, rows[i].code);
		assert_string_equal(err.text,
			arena_printf(&A, "said so (%d %s)", rows[i].status, rows[i].code));
	}
}

/* What is sent again: 429, 409 of a state that passes, 5xx but 501. */
static void what_is_sent_again(void **state)
{
	(void)state;
	assert_true(err_retryable(coded(409, "IncorrectState").kind));
	assert_true(err_retryable(coded(409, "LockConflict").kind));
	assert_true(err_retryable(coded(429, "TooManyRequests").kind));
	assert_true(err_retryable(coded(500, "InternalServerError").kind));
	assert_false(err_retryable(coded(409, "InvalidatedRetryToken").kind));
	assert_false(err_retryable(coded(409, "BucketAlreadyExists").kind));
	assert_false(err_retryable(coded(501, "MethodNotImplemented").kind));
	assert_false(err_retryable(coded(400, "LimitExceeded").kind));
}

static void the_request_is_named(void **state)
{
	(void)state;
	struct err err = classified(
		404, "{\"code\":\"BucketNotFound\",\"message\":\"no bucket\"}", "CLIENT/SERVER/2");
	assert_string_equal(
		err.text, "no bucket (404 BucketNotFound, opc-request-id CLIENT/SERVER/2)");
	/* HEAD: no body at all. */
	assert_string_equal(
		classified(404, NULL, "A/B").text, "404 Not Found (opc-request-id A/B)");
	assert_string_equal(classified(404, NULL, NULL).text, "404 Not Found");
}

static void bodies_that_tell_nothing(void **state)
{
	(void)state;
	static const char *const bodies[] = {"<html><title>503</title></html>", "", "null", "[]",
		"\"text\"", "{}", "{\"code\":7,\"message\":[\"x\"]}", "{\"code\":\"x\"",
		"{\"code\":\"A\",\"code\":\"B\",\"message\":\"twice\"}"};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct err err = classified(503, bodies[i], NULL);
		assert_int_equal(err.kind, ERR_SERVICE);
		assert_string_equal(err.code, "");
		assert_string_equal(err.text, "503 Service Unavailable");
	}
}

static void one_of_code_and_message(void **state)
{
	(void)state;
	struct err err = classified(409, "{\"code\":\"IncorrectState\"}", "R");
	assert_int_equal(err.kind, ERR_INCORRECT_STATE);
	assert_string_equal(err.text, "409 Conflict (IncorrectState, opc-request-id R)");
	err = classified(409, "{\"code\":\"IncorrectState\",\"message\":\"\"}", NULL);
	assert_string_equal(err.text, "409 Conflict (IncorrectState)");
	err = classified(400, "{\"message\":\"what is this\"}", NULL);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_string_equal(err.code, "");
	assert_string_equal(err.text, "what is this (400)");
}

static void hostile_text_is_escaped(void **state)
{
	(void)state;
	struct err err = classified(400,
		"{\"code\":\"A\\u001b[31m\\nB\",\"message\":\"red \\u001b[31m\\r\\nerror: fake "
		"\\u202e\"}",
		"id\033[2J");
	assert_string_equal(err.code, "A\\x1B[31m\\x0AB");
	assert_string_equal(err.text,
		"red \\x1B[31m\\x0D\\x0Aerror: fake \\u{202E} (400 A\\x1B[31m\\x0AB, "
		"opc-request-id id\\x1B[2J)");
}

static char *repeated(const char *text, int n)
{
	buf_auto b = {0};
	while (n-- > 0)
		buf_adds(&b, text);
	return arena_strdup(&A, buf_str(&b));
}

/* However long a message is, and however much escapes make of it, what identifies the error is seen. */
static void long_texts_hide_nothing(void **state)
{
	(void)state;
	static const char *const texts[] = {"long ", "\\u001b", "\\u202e"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct err err = classified(404,
			arena_printf(&A, "{\"code\":\"BucketNotFound\",\"message\":\"%s\"}",
				repeated(texts[i], 5000)),
			repeated("R", 5000));
		assert_int_equal(err.kind, ERR_NOT_FOUND);
		assert_has(err.text, " (404 BucketNotFound, opc-request-id RRRR");
		assert_true(text_ends(err.text, "R)"));
	}
	struct err err = coded(404, repeated("C", 5000));
	assert_int_equal(strlen(err.code), sizeof err.code - 1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code),
		cmocka_unit_test(what_is_sent_again),
		cmocka_unit_test(the_request_is_named),
		cmocka_unit_test(bodies_that_tell_nothing),
		cmocka_unit_test(one_of_code_and_message),
		cmocka_unit_test(hostile_text_is_escaped),
		cmocka_unit_test(long_texts_hide_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}
