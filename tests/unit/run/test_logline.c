#include "run/logline.h"

#include "../unit.h"

/* '<' before a line: the program's; '>': logged. */
static void lines_are(const char *const *lines)
{
	struct logline l = {0};
	for (; *lines; lines++) {
		const char *text = *lines + 1;
		size_t n = strlen(text);
		if (logline_is_log(&l, &text, &n) != (**lines == '>'))
			fail_msg("%s", *lines);
	}
}

static void test_log4j(void **state)
{
	(void)state;
	lines_are((const char *const[]){
		">Using Spark's default log4j profile: org/apache/spark/log4j2-defaults.properties",
		">Setting default log level to \"WARN\".",
		">To adjust logging level use sc.setLogLevel(newLevel). For SparkR, use setLogLevel(newLevel).",
		">24/01/31 09:00:00 WARN NativeCodeLoader: Unable to load native-hadoop library",
		"<{\"rows\": 3}",
		">2024-01-31 09:00:00,123 INFO  [main] o.a.s.SparkContext: Running Spark",
		">2024-01-31T09:00:00.123Z INFO x.Y - z",
		">2024-01-31T09:00:00+02:00 [dag-scheduler] ERROR x.Y - z",
		">[2024-01-31 09:00:00,123] {job.py:12} WARNING - slow",
		">WARN  TaskSetManager:66 - Lost task 0.0 in stage 0.0",
		">log4j:WARN No appenders could be found for logger (x).",
		">SLF4J: Class path contains multiple SLF4J bindings.",
		">OpenJDK 64-Bit Server VM warning: Sharing is only supported",
		">Picked up JAVA_TOOL_OPTIONS: -Dx=y",
		"<done",
		NULL,
	});
}

/* What a program prints may look much like it. */
static void test_what_is_printed(void **state)
{
	(void)state;
	lines_are((const char *const[]){
		"<2024-01-31 09:00:00,INFO,7",
		"<2024-01-31 09:00:00 INFORMATION",
		"<2024-01-31 09:00:00 all is well",
		"<2024-01-31,\"ERROR\"",
		"<2024-01-31T09:00:00,5,ERROR",
		"<2024-01-31 09:00:00\tERROR",
		"<ERROR: no rows",
		"<INFO done",
		"<ERROR Total: 5",
		"<WARNING",
		"<  File \"x\", line 1",
		"<Caused",
		"<: yes",
		"<java.lang.String: a class",
		"<ValueError: said by the program",
		"<[1, 2]",
		"<[Stage fright]",
		"<10% | x",
		"<x.py:12: nothing",
		"<a b.py:1: UserWarning: x",
		"<\tindented",
		"<",
		"<downloading 3 files",
		NULL,
	});
}

static void test_pythons_logging(void **state)
{
	(void)state;
	lines_are((const char *const[]){
		">INFO:root:begun",
		">WARNING:py4j.java_gateway:x",
		">2024-01-31 09:00:00,123 - my.job - INFO - begun",
		">/opt/x/pandas/frame.py:12: FutureWarning: soon",
		">  df.append(x)",
		"<  df.append(x)",
		">/opt/x/y.py:3: UserWarning: no source line follows",
		"<a,b",
		NULL,
	});
}

static void test_traces(void **state)
{
	(void)state;
	lines_are((const char *const[]){
		"<one",
		">24/01/31 09:00:00 ERROR Executor: Exception in task 0.0",
		">java.lang.IllegalStateException: as was asked",
		">\tat org.example.Count.main(Count.java:9)",
		">\t... 12 more",
		">Caused by: java.io.IOException: no",
		">\tat org.example.Count.read(Count.java:3)",
		"<two",
		">Traceback (most recent call last):",
		">  File \"job.py\", line 3, in <module>",
		">    raise ValueError(1)",
		">    ^^^^^^^^^^^^^^^^^^^",
		">ValueError: 1",
		">",
		">During handling of the above exception, another exception occurred:",
		">",
		">Traceback (most recent call last):",
		">  File \"job.py\", line 9, in <module>",
		">py4j.protocol.Py4JJavaError: An error occurred while calling o40.count.",
		">: org.apache.spark.SparkException: Job aborted",
		">\tat org.apache.spark.X.y(X.scala:1)",
		">",
		"<three",
		">Traceback (most recent call last):",
		">  File \"job.py\", line 9, in <module>",
		">pyspark.errors.exceptions.captured.AnalysisException: [TABLE_OR_VIEW_NOT_FOUND] no `x`.",
		">To tolerate the error use IF EXISTS.; line 1 pos 20;",
		">'Project ['nothing]",
		">+- 'UnresolvedRelation [nowhere], [], false",
		">",
		"<four",
		">Traceback (most recent call last):",
		">pyspark.errors.exceptions.captured.ParseException: no",
		"<[1]",
		"<five",
		">Traceback (most recent call last):",
		">  File \"job.py\", line 9, in <module>",
		">KeyboardInterrupt",
		"<{\"a\": 1}",
		">Exception in thread \"main\" java.lang.Error",
		">\tat x.Y",
		NULL,
	});
}

static void test_ivy(void **state)
{
	(void)state;
	lines_are((const char *const[]){
		">:: loading settings :: url = jar:file:/x/ivy.jar!/y.xml",
		">Ivy Default Cache set to: /x/.ivy2/cache",
		">:: resolving dependencies :: org.apache.spark#spark-submit-parent;1.0",
		">\tconfs: [default]",
		">\tfound io.delta#delta-core_2.12;2.4.0 in central",
		">downloading https://example.com/x.jar ...",
		">\t---------------------------------------------------------------------",
		">\t|                  |            modules            ||   artifacts   |",
		"<mine",
		"<\tmine",
		NULL,
	});
}

static void test_bars(void **state)
{
	(void)state;
	static const struct {
		const char *line, *kept;
	} cases[] = {
		{"[Stage 0:>                (0 + 1) / 1]", NULL},
		{"\r[Stage 0:>        (0 + 1) / 1]\r[Stage 0:====>   (1 + 1) / 2]\r          \r",
			NULL},
		{"[Stage 0:>  (0 + 1) / 1]\r          \r{\"a\": 1}", "{\"a\": 1}"},
		{" 10%|#         | 1/10 [00:00<00:01, 9.9it/s]", NULL},
		{"mine\rover it", "mine\rover it"},
		{"crlf\r", "crlf\r"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct logline l = {0};
		const char *text = cases[i].line;
		size_t n = strlen(text);
		assert_int_equal(logline_is_log(&l, &text, &n), !cases[i].kept);
		if (cases[i].kept) {
			assert_int_equal(n, strlen(cases[i].kept));
			assert_memory_equal(text, cases[i].kept, n);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log4j),
		cmocka_unit_test(test_what_is_printed),
		cmocka_unit_test(test_pythons_logging),
		cmocka_unit_test(test_traces),
		cmocka_unit_test(test_ivy),
		cmocka_unit_test(test_bars),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
