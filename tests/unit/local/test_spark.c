#include "../unit.h"

#include "local/runner/spark.h"

#include "base/fs.h"
#include "base/text.h"
#include "local/command/setup.h"
#include "local/runner/conda.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct spark spark = {
	.folder = "/s",
	.home = "/s/venv/lib/python3.11/site-packages/pyspark",
	.python = "/s/venv/bin/python",
	.version = "3.5.0",
	.class_path = "/s/jars/guava.jar:/s/jars/*",
	.cores = 4,
	.memory = 3LL << 30,
};
static const struct spark_place place = {
	.folder = "/h/runs/r",
	.work = "/h/runs/r/work",
	.tmp = "/h/runs/r/tmp",
	.properties = "/h/runs/r/spark.properties",
	.file = "/h/runs/r/job.py",
	.port = 4242,
	.tenancy = "ocid1.tenancy.oc1..t",
	.user = "ocid1.user.oc1..u",
	.fingerprint = "aa:bb",
	.key_file = "/h/runs/r/key.pem",
};
static struct shape_config one_ocpu = {.ocpus = {true, 1}, .memory_in_gbs = {true, 16}};

static struct run a_run(void)
{
	return (struct run){
		.id = "ocid1.dataflowrun.oc1.iad.x",
		.display_name = "count words",
		.language = "PYTHON",
		.file_uri = "oci://code@ns/a/job.py",
		.driver_shape = "VM.Standard.E4.Flex",
		.driver_shape_config = &one_ocpu,
		.executor_shape = "VM.Standard.E4.Flex",
		.executor_shape_config = &one_ocpu,
		.num_executors = {true, 2},
	};
}

/* The line of the file that sets key; NULL if none does. Twice is a mistake. */
static char *property(
	struct arena *a, const struct run *run, const struct spark_place *p, const char *key)
{
	buf_auto text = {0};
	char *found = NULL;
	spark_properties(&spark, run, p, &text);
	char *rest = arena_strdup(a, buf_str(&text));
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		if (text_starts(line, key) && line[strlen(key)] == '=') {
			assert_null(found);
			found = line + strlen(key) + 1;
		}
	return found;
}

static void test_properties_of_a_plain_run(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct run run = a_run();
#define IS(key, value) assert_string_equal(property(&a, &run, &place, key), value)
	IS("spark.master", "local[2]");
	IS("spark.app.name", "count words");
	IS("spark.driver.memory", "3072m");
	IS("spark.ui.enabled", "false");
	IS("spark.driver.host", "127.0.0.1");
	IS("spark.driver.bindAddress", "127.0.0.1");
	IS("spark.driver.extraClassPath", "/s/jars/guava.jar:/s/jars/*");
	IS("spark.driver.extraJavaOptions",
		"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC \"-Djava.io.tmpdir=/h/runs/r/tmp\"");
	IS("spark.sql.catalogImplementation", "in-memory");
	IS("spark.sql.warehouse.dir", "/h/runs/r/work/spark-warehouse");
	IS("spark.hadoop.fs.oci.impl", "com.oracle.bmc.hdfs.BmcFilesystem");
	IS("spark.hadoop.fs.oci.client.hostname", "http://127.0.0.1:4242");
	IS("spark.hadoop.fs.oci.client.auth.tenantId", "ocid1.tenancy.oc1..t");
	IS("spark.hadoop.fs.oci.client.auth.userId", "ocid1.user.oc1..u");
	IS("spark.hadoop.fs.oci.client.auth.fingerprint", "aa:bb");
	IS("spark.hadoop.fs.oci.client.auth.pemfilepath", "/h/runs/r/key.pem");
	assert_null(property(&a, &run, &place, "spark.jars"));
#undef IS
}

/* What the home says of this machine: first on the class path, under what the run says and what is ours. */
static void test_defaults_of_the_home(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct run run = a_run();
	struct spark_place p = place;
	p.defaults = (struct pairs){
		.v =
			(struct pair[]){
				{"spark.driver.extraClassPath", "/o/first.jar"},
				{"spark.driver.extraJavaOptions", "-Dtrust=/o/store"},
				{"spark.hadoop.fs.azure.x", "home"},
				{"spark.hadoop.fs.azure.y", "home"},
				{"spark.master", "local[9]"},
			},
		.n = 5};
	run.configuration =
		(struct pairs){.v =
				       (struct pair[]){
					       {"spark.hadoop.fs.azure.y", "run"},
					       {"spark.driver.extraClassPath", "/u/x.jar"},
					       {"spark.driver.extraJavaOptions", "-Da=b"},
				       },
			.n = 3};
#define IS(key, value) assert_string_equal(property(&a, &run, &p, key), value)
	IS("spark.hadoop.fs.azure.x", "home");
	IS("spark.hadoop.fs.azure.y", "run");
	IS("spark.master", "local[2]");
	IS("spark.driver.extraClassPath", "/o/first.jar:/s/jars/guava.jar:/s/jars/*:/u/x.jar");
	IS("spark.driver.extraJavaOptions",
		"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC \"-Djava.io.tmpdir=/h/runs/r/tmp\" -Dtrust=/o/store -Da=b");
#undef IS
}

static void test_configuration_over_defaults_and_under_ours(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct run run = a_run();
	run.warehouse_bucket_uri = "oci://w@ns/";
	run.configuration = (struct pairs){
		.v =
			(struct pair[]){
				{"spark.sql.catalogImplementation", "hive"},
				{"spark.sql.shuffle.partitions", "4"},
				{"spark.ui.enabled", "true"},
				{"spark.hadoop.fs.oci.client.hostname", "https://elsewhere"},
				{"spark.driver.memory", "1g"},
				{"spark.driver.extraClassPath", "/u/x.jar"},
				{"spark.driver.extraJavaOptions", "-Da=b"},
				{"spark.jars", "oci://b@ns/j.jar"},
			},
		.n = 8};
	struct spark_place p = place;
	const char *jars[] = {"/a/1.jar", "/a/2.jar"};
	p.archive = (struct runner_archive){.jars = jars, .jars_n = 2};
#define IS(key, value) assert_string_equal(property(&a, &run, &p, key), value)
	IS("spark.sql.catalogImplementation", "hive");
	IS("spark.sql.shuffle.partitions", "4");
	IS("spark.sql.warehouse.dir", "oci://w@ns/");
	IS("spark.ui.enabled", "false");
	IS("spark.hadoop.fs.oci.client.hostname", "http://127.0.0.1:4242");
	IS("spark.driver.memory", "1024m");
	IS("spark.driver.extraClassPath", "/s/jars/guava.jar:/s/jars/*:/u/x.jar");
	IS("spark.driver.extraJavaOptions",
		"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC \"-Djava.io.tmpdir=/h/runs/r/tmp\" -Da=b");
	IS("spark.jars", "/a/1.jar,/a/2.jar,oci://b@ns/j.jar");

	run.configuration.v[4].value = "64g";
	run.configuration.v[6].value = "-XX:+UseG1GC";
	IS("spark.driver.memory", "3072m");
	IS("spark.driver.extraJavaOptions",
		"-XX:TieredStopAtLevel=1 \"-Djava.io.tmpdir=/h/runs/r/tmp\" -XX:+UseG1GC");
#undef IS
}

static void test_properties_are_escaped(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct run run = a_run();
	run.configuration =
		(struct pairs){.v = (struct pair[]){{"spark.a", "x\nspark.master=local[9]"},
				       {"spark.b:c", " back\\slash\t"}},
			.n = 2};
	struct spark_place p = place;
	p.tmp = "/with space/\"quote\"";
	assert_string_equal(property(&a, &run, &p, "spark.a"), "x\\nspark.master=local[9]");
	assert_string_equal(property(&a, &run, &p, "spark.b\\:c"), "\\ back\\\\slash\\t");
	assert_string_equal(property(&a, &run, &p, "spark.master"), "local[2]");
	assert_string_equal(property(&a, &run, &p, "spark.driver.extraJavaOptions"),
		"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
		"\"-Djava.io.tmpdir=/with space/\\\\\"quote\\\\\"\"");
}

static void master_is(const char *shape, double ocpus, int64_t executors, const char *expected)
{
	arena_auto a = {0};
	struct run run = a_run();
	struct shape_config config = {.ocpus = {ocpus > 0, ocpus}};
	run.executor_shape = shape;
	run.executor_shape_config = ocpus > 0 ? &config : NULL;
	run.num_executors = (struct opt_i64){true, executors};
	assert_string_equal(property(&a, &run, &place, "spark.master"), expected);
}

static void test_on_a_cluster(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct run run = a_run();
	struct spark_place p = place;
	const char *python[] = {"/a/python"};
	p.archive = (struct runner_archive){.python = python, .python_n = 1};
	run.configuration = (struct pairs){
		.v = (struct pair[]){{"spark.driverEnv.DAY", "monday"},
			{"spark.executor.extraClassPath", "/u/x.jar"},
			{"spark.executor.memory", "700m"}, {"spark.executorEnv.HOME", "/evil"}},
		.n = 4};
	spark.master = "spark://127.0.0.1:7077";
#define IS(key, value) assert_string_equal(property(&a, &run, &p, key), value)
	IS("spark.master", "spark://127.0.0.1:7077");
	IS("spark.driver.host", "127.0.0.1");
	IS("spark.cores.max", "2");
	IS("spark.executor.memory", "700m");
	IS("spark.executor.extraClassPath", "/s/jars/guava.jar:/s/jars/*:/u/x.jar");
	IS("spark.executor.extraJavaOptions",
		"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC \"-Djava.io.tmpdir=/h/runs/r/tmp\"");
	IS("spark.executorEnv.PYTHONPATH", "/a/python");
	IS("spark.executorEnv.DAY", "monday");
	IS("spark.executorEnv.HOME", "/h/runs/r");
	IS("spark.executorEnv.WEIR_LOCAL_RUN", "ocid1.dataflowrun.oc1.iad.x");
#undef IS
	assert_null(property(&a, &run, &p, "spark.executorEnv.SPARK_LOCAL_DIRS"));
	spark.master = NULL;
	assert_null(property(&a, &run, &p, "spark.executorEnv.PYTHONPATH"));
	assert_null(property(&a, &run, &p, "spark.cores.max"));
}

static void test_cores(void **state)
{
	(void)state;
	master_is("VM.Standard.E4.Flex", 1, 1, "local[1]");
	master_is("VM.Standard.E4.Flex", 0.5, 3, "local[2]");
	master_is("VM.Standard.E4.Flex", 8, 10000, "local[4]");
	master_is("VM.Standard2.1", 0, 3, "local[3]");
	master_is("VM.Standard2.24", 0, 1, "local[4]");
	master_is("VM.Standard.E4.Flex", 0, 1, "local[1]");
}

static void test_total_ocpus(void **state)
{
	(void)state;
	struct run run = a_run();
	assert_int_equal(spark_total_ocpus(&run), 3);
	run.driver_shape_config = NULL;
	run.driver_shape = "VM.Standard2.4";
	assert_int_equal(spark_total_ocpus(&run), 6);
}

static void arguments_are(const struct run *run, const char *const *expected)
{
	arena_auto a = {0};
	const char **got = spark_arguments(&spark, run, &place, &a);
	size_t i = 0;
	for (; expected[i]; i++)
		assert_string_equal(got[i], expected[i]);
	assert_null(got[i]);
}

#define SUBMIT "/s/venv/lib/python3.11/site-packages/pyspark/bin/spark-submit"
#define SQL "/s/venv/lib/python3.11/site-packages/pyspark/bin/spark-sql"
#define PROPERTIES "--properties-file", "/h/runs/r/spark.properties"

static void test_arguments_of_python(void **state)
{
	(void)state;
	struct run run = a_run();
	const char *arguments[] = {"--day", "${day}", "${a}${b}", "$x ${y z}", ""};
	run.arguments = (struct strs){arguments, 5};
	run.parameters = (struct pairs){
		.v = (struct pair[]){{"day", "1 May; rm -rf /"}, {"a", "1"}, {"b", "${a}"}},
		.n = 3};
	arguments_are(&run,
		(const char *const[]){SUBMIT, PROPERTIES, "/h/runs/r/job.py", "--day",
			"1 May; rm -rf /", "1${a}", "$x ${y z}", "", NULL});
}

static void test_arguments_of_java(void **state)
{
	(void)state;
	struct run run = a_run();
	run.language = "JAVA";
	run.class_name = "org.example.Main";
	arguments_are(&run,
		(const char *const[]){SUBMIT, PROPERTIES, "--class", "org.example.Main",
			"/h/runs/r/job.py", NULL});
}

static void test_arguments_of_sql(void **state)
{
	(void)state;
	struct run run = a_run();
	run.language = "SQL";
	run.parameters =
		(struct pairs){.v = (struct pair[]){{"origin", "JFK"}, {"q", "a=b c"}}, .n = 2};
	arguments_are(&run,
		(const char *const[]){SQL, PROPERTIES, "-f", "/h/runs/r/job.py", "-d", "origin=JFK",
			"-d", "q=a=b c", NULL});
}

static void test_conda_environment(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct run run = a_run();
	struct pair archives = {"spark.archives", "oci://b@n/a.zip#a, oci://b@n/e/x.tar.gz#conda"};
	assert_null(conda_address(&a, &run));
	run.configuration = (struct pairs){&archives, 1};
	assert_string_equal(conda_address(&a, &run), "oci://b@n/e/x.tar.gz");
	assert_string_equal(conda_other_archives(&a, &run), "oci://b@n/a.zip#a");
	struct spark_place with = place;
	with.conda = "/h/runs/r/conda.tar.gz";
	const char **argv = spark_arguments(&spark, &run, &with, &a);
	assert_string_equal(argv[0], "/bin/sh");
	assert_string_equal(argv[4], with.conda);
	assert_string_equal(argv[5], SUBMIT);
	assert_string_equal(property(&a, &run, &with, "spark.archives"), "oci://b@n/a.zip#a");
}

static const char *variable(const char *const *envp, const char *name)
{
	size_t n = strlen(name);
	for (; *envp; envp++)
		if (strncmp(*envp, name, n) == 0 && (*envp)[n] == '=')
			return *envp + n + 1;
	return NULL;
}

static void test_environment(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct run run = a_run();
	struct spark_place p = place;
	const char *python[] = {"/a/python"};
	p.archive = (struct runner_archive){.python = python, .python_n = 1};
	run.configuration = (struct pairs){
		.v = (struct pair[]){{"spark.executorEnv.BOTH", "executor"},
			{"spark.driverEnv.BOTH", "driver"}, {"spark.driverEnv.PYTHONPATH", "/mine"},
			{"spark.driverEnv.HOME", "/evil"}, {"spark.driverEnv.", "no name"}},
		.n = 5};
	setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
	setenv("PATH", "/usr/bin", 1);
	setenv("TZ", "Asia/Tokyo", 1);
	const char **e = spark_environment(&spark, &run, &p, &a);
	assert_null(variable(e, "AWS_SECRET_ACCESS_KEY"));
	assert_string_equal(variable(e, "PATH"), "/s/venv/bin:/usr/bin");
	assert_string_equal(variable(e, "TZ"), "Asia/Tokyo");
	assert_string_equal(variable(e, "BOTH"), "driver");
	assert_string_equal(variable(e, "PYTHONPATH"), "/a/python:/mine");
	assert_string_equal(variable(e, "HOME"), "/h/runs/r");
	assert_string_equal(variable(e, "SPARK_LOCAL_DIRS"), "/h/runs/r/tmp");
	assert_string_equal(variable(e, "WEIR_LOCAL_RUN"), "ocid1.dataflowrun.oc1.iad.x");
	assert_null(variable(e, "OCI_RESOURCE_PRINCIPAL_VERSION"));
	p.python = "/h/runs/r/principal";
	p.token_file = "/h/runs/r/principal/rpst";
	p.region = "us-ashburn-1";
	e = spark_environment(&spark, &run, &p, &a);
	assert_string_equal(variable(e, "PYTHONPATH"), "/h/runs/r/principal:/a/python:/mine");
	assert_string_equal(variable(e, "OCI_RESOURCE_PRINCIPAL_VERSION"), "2.2");
	assert_string_equal(variable(e, "OCI_RESOURCE_PRINCIPAL_RPST"), "/h/runs/r/principal/rpst");
	assert_string_equal(variable(e, "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM"), p.key_file);
	assert_string_equal(variable(e, "OCI_RESOURCE_PRINCIPAL_REGION"), "us-ashburn-1");
}

static void test_parse_memory(void **state)
{
	(void)state;
	int64_t n;
	assert_true(spark_parse_memory("512m", &n));
	assert_int_equal(n, 512LL << 20);
	assert_true(spark_parse_memory("3g", &n));
	assert_int_equal(n, 3LL << 30);
	assert_true(spark_parse_memory("3GB", &n));
	assert_int_equal(n, 3LL << 30);
	static const char *const bad[] = {
		"", "g", "-1g", "1.5g", "1024", "1 g", "99999999999999999g", "x", NULL};
	for (size_t i = 0; bad[i]; i++)
		if (spark_parse_memory(bad[i], &n))
			fail_msg("`%s` was taken for a size", bad[i]);
}

static void test_file_name(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct run run = a_run();
	assert_string_equal(spark_file_name(&a, &run), "job.py");
	run.file_uri = "oci://code@ns/a/..";
	assert_string_equal(spark_file_name(&a, &run), "program.py");
	run.language = "SQL";
	run.file_uri = "oci://code@ns/query";
	assert_string_equal(spark_file_name(&a, &run), "query.sql");
	run.language = "SCALA";
	run.file_uri = "oci://code@ns/x/app.jar";
	assert_string_equal(spark_file_name(&a, &run), "app.jar");
}

static void test_installation_that_is_not_there(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct spark s;
	struct err err;
	char folder[] = "/tmp/weir-spark-XXXXXX";
	assert_non_null(mkdtemp(folder));
	setenv("WEIR_LOCAL_SPARK", folder, 1);
	assert_false(spark_find(&s, "/h", &a, &err));
	assert_int_equal(err.kind, ERR_MISSING_TOOL);
	assert_non_null(strstr(err.text, "weir local setup"));

	/* One that was begun is none either; a complete one is. */
	struct setup_pins pins;
	setup_pins_load(&a, &pins);
	char *home = arena_printf(&a, "%s/venv/lib/python3.11/site-packages/pyspark", folder);
	assert_true(fs_mkdirs(home, 0755, &err));
	assert_false(spark_find(&s, "/h", &a, &err));
	char *stamp = arena_printf(&a, "%s/stamp", folder);
	assert_true(fs_write(stamp, pins.digest, 64, 0644, &err));
	char *java = arena_printf(&a, "%s/jdk/bin/java", folder);
	assert_true(fs_mkdirs(fs_dirname(&a, java), 0755, &err));
	setenv("JAVA_HOME", arena_printf(&a, "%s/jdk", folder), 1);
	assert_false(spark_find(&s, "/h", &a, &err));
	assert_non_null(strstr(err.text, "Java"));
	assert_true(fs_write(java, "", 0, 0755, &err));
	assert_true(spark_find(&s, "/h", &a, &err));
	assert_string_equal(s.home, home);
	assert_string_equal(s.version, "3.5.0");
	assert_true(text_ends(s.class_path, "/jars/*"));
	assert_non_null(strstr(s.class_path, "/jars/guava-"));
	assert_true(s.cores >= 1);

	/* Pins that changed since make it one of the past. */
	assert_true(fs_write(stamp, "0123", 4, 0644, &err));
	assert_false(spark_find(&s, "/h", &a, &err));
	fs_remove_tree(folder, &err);
	unsetenv("JAVA_HOME");
	unsetenv("WEIR_LOCAL_SPARK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties_of_a_plain_run),
		cmocka_unit_test(test_defaults_of_the_home),
		cmocka_unit_test(test_configuration_over_defaults_and_under_ours),
		cmocka_unit_test(test_properties_are_escaped),
		cmocka_unit_test(test_on_a_cluster),
		cmocka_unit_test(test_cores),
		cmocka_unit_test(test_total_ocpus),
		cmocka_unit_test(test_arguments_of_python),
		cmocka_unit_test(test_arguments_of_java),
		cmocka_unit_test(test_arguments_of_sql),
		cmocka_unit_test(test_conda_environment),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_parse_memory),
		cmocka_unit_test(test_file_name),
		cmocka_unit_test(test_installation_that_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
