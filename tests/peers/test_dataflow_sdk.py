#!/usr/bin/env python3
"""weir-local's Data Flow, driven by Oracle's Python SDK, which is given only endpoint and config file. In Spark's
place is a stand-in: what a run runs is a shell script."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()
import oci
from dataflow import Flow, standin_spark, until

models = oci.data_flow.models
home = client = flow = None


def make_client(config):
    """Without retries: each failure is one reply."""
    return oci.data_flow.DataFlowClient(
        config,
        service_endpoint=home.endpoint,
        retry_strategy=oci.retry.NoneRetryStrategy(),
        circuit_breaker_strategy=oci.circuit_breaker.NoCircuitBreakerStrategy(),
    )


def setUpModule():
    global home, client, flow
    spark = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(spark.cleanup)
    home = weirlocal.Home(env=standin_spark(spark.name))
    unittest.addModuleCleanup(home.__exit__)
    home.start()
    client = make_client(oci.config.from_file(str(home.config_file)))
    flow = Flow(home)
    flow.put("code", "job.py", 'echo "hello $1"; echo oops >&2; exit ${2:-0}')
    flow.put("code", "long.py", "echo begun; exec sleep 600")


def details(name, **more):
    shape = models.ShapeConfig(ocpus=1.0, memory_in_gbs=16.0)
    values = {
        "compartment_id": home.tenancy, "display_name": name, "language": "PYTHON", "spark_version": "3.5.0",
        "driver_shape": "VM.Standard.E4.Flex", "driver_shape_config": shape,
        "executor_shape": "VM.Standard.E4.Flex", "executor_shape_config": shape,
        "num_executors": 1, "file_uri": flow.uri("code", "job.py"),
    }
    return models.CreateApplicationDetails(**{**values, **more})


def parameters(**values):
    return [models.ApplicationParameter(name=k, value=v) for k, v in values.items()]


def run_details(app, **more):
    return models.CreateRunDetails(compartment_id=home.tenancy, application_id=app.id, **more)


def ended(run):
    return oci.wait_until(
        client, client.get_run(run.id), max_interval_seconds=1, max_wait_seconds=60,
        evaluate_response=lambda r: r.data.lifecycle_state in ("SUCCEEDED", "FAILED", "CANCELED", "STOPPED"),
    ).data


class Case(unittest.TestCase):
    def refused(self, status, code, call, *args, **more):
        with self.assertRaises(oci.exceptions.ServiceError) as caught:
            call(*args, **more)
        self.assertEqual((caught.exception.status, caught.exception.code), (status, code))
        return caught.exception.message

    def create(self, **more):
        return client.create_application(details(self._testMethodName[5:], **more)).data


def made_pool(name, **more):
    shape = models.PoolConfig(shape="VM.Standard.E4.Flex", shape_config=models.ShapeConfig(ocpus=1, memory_in_gbs=16), min=1, max=2)
    return client.create_pool(models.CreatePoolDetails(compartment_id=home.tenancy, display_name=name, configurations=[shape], **more)).data


def made_endpoint(name, **more):
    return client.create_private_endpoint(models.CreatePrivateEndpointDetails(
        compartment_id=home.tenancy, display_name=name, dns_zones=["a.example"], subnet_id="ocid1.subnet.oc1.iad.s", **more)).data


def reaches(get, ocid, state):
    return oci.wait_until(client, get(ocid), "lifecycle_state", state, max_interval_seconds=1, max_wait_seconds=60).data


class PoolsAndEndpoints(Case):
    def test_life_of_a_pool(self):
        made = made_pool("p", freeform_tags={"a": "b"}, idle_timeout_in_minutes=5, schedules=[])
        self.assertIn(made.lifecycle_state, ("ACCEPTED", "CREATING"))
        pool = reaches(client.get_pool, made.id, "ACTIVE")
        self.assertEqual((pool.configurations[0].max, pool.configurations[0].shape_config.memory_in_gbs), (2, 16.0))
        self.assertEqual((pool.freeform_tags, pool.idle_timeout_in_minutes, pool.owner_user_name), ({"a": "b"}, 5, "weir-local"))
        self.assertIsNotNone(pool.pool_metrics.time_last_started)
        client.stop_pool(made.id)
        reaches(client.get_pool, made.id, "STOPPED")
        self.refused(409, "IncorrectState", client.stop_pool, made.id, retry_strategy=oci.retry.NoneRetryStrategy())
        client.update_pool(models.UpdatePoolDetails(display_name="q"), made.id)
        self.assertEqual(reaches(client.get_pool, made.id, "STOPPED").display_name, "q")
        client.start_pool(made.id)
        reaches(client.get_pool, made.id, "ACTIVE")
        client.change_pool_compartment(made.id, models.ChangePoolCompartmentDetails(compartment_id=home.compartments["dev"]))
        listed = client.list_pools(home.compartments["dev"], display_name="q", lifecycle_state="ACTIVE").data
        self.assertEqual([p.id for p in listed.items], [made.id])
        self.assertEqual(client.delete_pool(made.id).status, 204)
        reaches(client.get_pool, made.id, "DELETED")
        self.refused(404, "NotAuthorizedOrNotFound", client.start_pool, made.id)

    def test_life_of_a_private_endpoint(self):
        made = made_endpoint("e", max_host_count=300, nsg_ids=["n"], scan_details=[models.Scan(fqdn="db.a.example", port="1521")])
        self.assertEqual((made.lifecycle_state, made.max_host_count), ("CREATING", 512))
        endpoint = reaches(client.get_private_endpoint, made.id, "INACTIVE")
        self.assertEqual((endpoint.dns_zones, endpoint.nsg_ids, endpoint.scan_details[0].fqdn), (["a.example"], ["n"], "db.a.example"))
        reply = client.update_private_endpoint(models.UpdatePrivateEndpointDetails(dns_zones=["b.example"]), made.id)
        self.done(reply)
        self.assertEqual(reaches(client.get_private_endpoint, made.id, "INACTIVE").dns_zones, ["b.example"])
        self.done(client.change_private_endpoint_compartment(
            made.id, models.ChangePrivateEndpointCompartmentDetails(compartment_id=home.compartments["dev"])))
        self.assertEqual([e.id for e in client.list_private_endpoints(home.compartments["dev"]).data.items], [made.id])
        self.done(client.delete_private_endpoint(made.id))
        self.assertEqual(client.get_private_endpoint(made.id).data.lifecycle_state, "DELETED")

    def done(self, reply):
        """Its work request ends well, and has told each step."""
        ocid = reply.headers["opc-work-request-id"]
        request = oci.wait_until(client, client.get_work_request(ocid), "status", "SUCCEEDED", max_interval_seconds=1, max_wait_seconds=60).data
        self.assertEqual((request.percent_complete, len(request.resources)), (100, 1))
        self.assertGreaterEqual(len(client.list_work_request_logs(ocid).data.items), 2)
        self.assertEqual(client.list_work_request_errors(ocid).data.items, [])
        self.assertIn(ocid, [w.id for w in client.list_work_requests(request.compartment_id, limit=1000).data.items])

    def test_cascading_delete(self):
        app = self.create()
        reply = client.cascading_delete_application(app.id)
        self.done(reply)
        self.assertEqual(client.get_application(app.id).data.lifecycle_state, "DELETED")

    def test_related_ones_must_be_there(self):
        for field, kind in (("pool_id", "pool"), ("private_endpoint_id", "privateendpoint")):
            message = self.refused(400, "RelatedResourceNotAuthorizedOrNotFound", client.create_application,
                                   details("x", **{field: f"ocid1.dataflow{kind}.oc1..none"}))
            self.assertIn("none", message)


class SecondUser(Case):
    def test_a_second_profile(self):
        """Another tenancy by the SDK: the same service, a namespace and things of its own."""
        home.identity({"tenancies": {"other": {"users": {"eve": {"groups": ["Administrators"]}}}}})
        self.addCleanup(home.identity, {})
        config = oci.config.from_file(str(home.config_file), "eve")
        hers = oci.data_flow.DataFlowClient(config, service_endpoint=home.endpoint)
        storage = oci.object_storage.ObjectStorageClient(config, service_endpoint=home.endpoint)
        self.assertEqual(storage.get_namespace().data, "other")
        mine = self.create()
        self.assertEqual(hers.list_applications(config["tenancy"]).data, [])
        for call, argument in ((hers.get_application, mine.id), (hers.delete_application, mine.id), (hers.list_applications, home.tenancy)):
            self.refused(404, "NotAuthorizedOrNotFound", call, argument)
        made = hers.create_application(details("hers", compartment_id=config["tenancy"])).data
        self.assertEqual(made.owner_user_name, "eve")
        self.refused(404, "NotAuthorizedOrNotFound", client.get_application, made.id)


class Applications(Case):
    def test_every_field_comes_back(self):
        pool, endpoint = made_pool("for-all").id, made_endpoint("for-all").id
        given = {
            "description": "what it is", "class_name": "org.x.Main", "language": "JAVA",
            "arguments": ["a", "${day}", ""], "parameters": parameters(day="1 May", other="é"),
            "configuration": {"spark.a": "1", "spark.b": ""}, "archive_uri": flow.uri("code", "a.zip"),
            "logs_bucket_uri": flow.uri("logs"), "warehouse_bucket_uri": flow.uri("warehouse"),
            "metastore_id": "ocid1.datacatalogmetastore.oc1..m", "pool_id": pool,
            "private_endpoint_id": endpoint, "type": "STREAMING",
            "max_duration_in_minutes": 90, "idle_timeout_in_minutes": 30,
            "application_log_config": models.ApplicationLogConfig(log_group_id="g", log_id="l"),
            "freeform_tags": {"team": "x", "empty": ""}, "defined_tags": {"ns": {"key": "value"}},
        }
        made = client.create_application(details("all", **given))
        self.assertEqual(made.status, 200)
        app = client.get_application(made.data.id)
        self.assertEqual(app.headers["etag"], made.headers["etag"])
        for name, value in given.items():
            self.assertEqual(getattr(app.data, name), value, name)
        self.assertEqual(app.data, made.data)
        self.assertEqual(app.data.driver_shape_config.memory_in_gbs, 16)
        self.assertEqual((app.data.lifecycle_state, app.data.owner_principal_id), ("ACTIVE", home.user))
        self.assertEqual(app.data.time_created, app.data.time_updated)

    def test_update_with_if_match(self):
        made = client.create_application(details("u", description="d", arguments=["a"]))
        change = models.UpdateApplicationDetails(num_executors=3, display_name="v")
        new = client.update_application(change, made.data.id, if_match=made.headers["etag"])
        self.assertEqual((new.data.num_executors, new.data.display_name, new.data.description), (3, "v", "d"))
        self.assertEqual(new.data.arguments, ["a"])
        self.refused(412, "NoEtagMatch", client.update_application, change, made.data.id,
                     if_match=made.headers["etag"])
        self.refused(412, "NoEtagMatch", client.delete_application, made.data.id, if_match="other")
        clear = models.UpdateApplicationDetails(description="", arguments=[], freeform_tags={})
        new = client.update_application(clear, made.data.id, if_match=new.headers["etag"]).data
        self.assertFalse(new.description or new.arguments or new.freeform_tags)

    def test_delete(self):
        app = self.create()
        self.assertEqual(client.delete_application(app.id).status, 204)
        self.assertEqual(client.get_application(app.id).data.lifecycle_state, "DELETED")
        self.refused(404, "NotAuthorizedOrNotFound", client.delete_application, app.id)
        self.refused(404, "NotAuthorizedOrNotFound", client.create_run, run_details(app))

    def test_retry_token(self):
        token, body = "application-token", details("retried")
        one = client.create_application(body, opc_retry_token=token).data
        two = client.create_application(body, opc_retry_token=token).data
        self.assertEqual(one, two)
        listed = client.list_applications(home.tenancy, display_name="retried").data
        self.assertEqual([a.id for a in listed], [one.id])
        self.refused(409, "InvalidatedRetryToken", client.create_application, details("other"), opc_retry_token=token)
        client.delete_application(one.id)
        self.refused(409, "InvalidatedRetryToken", client.create_application, body, opc_retry_token=token)

    def test_list_in_pages(self):
        made = [client.create_application(details(f"page{i}")).data.id for i in range(7)]
        for limit in (1, 3, 7, 100):
            pages = oci.pagination.list_call_get_all_results(
                client.list_applications, home.tenancy, limit=limit, display_name_starts_with="page",
                sort_by="displayName", sort_order="ASC",
            )
            self.assertEqual([a.id for a in pages.data], made)
        first = client.list_applications(home.tenancy, limit=3, display_name_starts_with="page")
        self.assertEqual([a.id for a in first.data], made[:3:-1])
        self.assertTrue(first.has_next_page)
        message = self.refused(400, "InvalidParameter", client.list_applications, home.tenancy,
                               display_name="x", spark_version="3.5.0")
        self.assertIn("at most one filter", message)
        self.refused(404, "NotAuthorizedOrNotFound", client.list_applications, "ocid1.compartment.oc1..other")

    def test_what_is_refused(self):
        for part, more in (
            ("numExecutors", {"num_executors": 0}),
            ("spark.master", {"configuration": {"spark.master": "x"}}),
            ("${day}", {"arguments": ["${day}"]}),
            ("archiveUri", {"archive_uri": "s3://x"}),
        ):
            with self.subTest(part=part):
                message = self.refused(400, "InvalidParameter", client.create_application, details("bad", **more))
                self.assertIn(part, message)
        message = self.refused(400, "MissingParameter", client.create_application, details("bad", driver_shape=None))
        self.assertIn("driverShape", message)
        self.assertEqual(client.list_applications(home.tenancy, display_name="bad").data, [])

    def test_wrong_key(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(weirlocal.Key().pem())
            file.flush()
            config = {**oci.config.from_file(str(home.config_file)), "key_file": file.name}
            intruder = make_client(config)
            self.refused(401, "NotAuthenticated", intruder.list_applications, home.tenancy)
            self.refused(401, "NotAuthenticated", intruder.create_application, details("intruder"))
        self.assertEqual(client.list_applications(home.tenancy, display_name="intruder").data, [])


class Runs(Case):
    def test_run_and_its_logs(self):
        app = self.create(arguments=["${who}"], parameters=parameters(who="you"))
        run = client.create_run(run_details(app)).data
        self.assertEqual((run.lifecycle_state, run.display_name), ("ACCEPTED", app.display_name))
        run = ended(run)
        self.assertEqual(run.lifecycle_state, "SUCCEEDED", run.lifecycle_details)
        logs = client.list_run_logs(run.id).data
        self.assertEqual({(log.name, log.type, log.source, log.run_id) for log in logs}, {
            ("spark_application_stderr.log.gz", "STDERR", "APPLICATION", run.id),
            ("spark_application_stdout.log.gz", "STDOUT", "APPLICATION", run.id)})
        log = client.get_run_log(run.id, "spark_application_stdout.log.gz")
        self.assertEqual(log.headers["content-encoding"], "gzip")
        self.assertEqual(log.data.content, b"hello you\n")
        log = client.get_run_log(run.id, "spark_application_stderr.log.gz")
        self.assertEqual(log.data.text, "oops\n")
        self.refused(404, "NotAuthorizedOrNotFound", client.get_run_log, run.id, "other.log")
        self.assertEqual(flow.names("dataflow-logs", run.opc_request_id), [
            f"{run.opc_request_id}/spark_application_{s}.log.gz" for s in ("stderr", "stdout")])

    def test_overrides_and_failure(self):
        app = self.create(arguments=["a", "0"])
        run = ended(client.create_run(run_details(app, arguments=["b", "7"], display_name="mine")).data)
        self.assertEqual((run.lifecycle_state, run.display_name), ("FAILED", "mine"))
        self.assertIn("exit status 7", run.lifecycle_details)

    def test_cancel(self):
        app = self.create(file_uri=flow.uri("code", "long.py"))
        run = client.create_run(run_details(app)).data
        until(lambda: client.get_run(run.id).data.lifecycle_state == "IN_PROGRESS")
        self.assertEqual(client.delete_run(run.id).status, 204)
        self.assertEqual(ended(run).lifecycle_state, "CANCELED")
        self.refused(409, "IncorrectState", client.delete_run, run.id)

    def test_list_and_update(self):
        app = self.create()
        runs = [client.create_run(run_details(app, freeform_tags={"n": str(i)})).data for i in range(3)]
        listed = oci.pagination.list_call_get_all_results(
            client.list_runs, home.tenancy, limit=2, application_id=app.id).data
        self.assertEqual([r.id for r in listed], [r.id for r in reversed(runs)])
        self.assertEqual(listed[0].freeform_tags, {"n": "2"})
        run = ended(runs[0])
        etag = client.get_run(run.id).headers["etag"]
        change = models.UpdateRunDetails(freeform_tags={"a": "b"})
        self.assertEqual(client.update_run(change, run.id, if_match=etag).data.freeform_tags, {"a": "b"})
        self.refused(412, "NoEtagMatch", client.update_run, change, run.id, if_match=etag)
        self.refused(400, "InvalidParameter", client.list_runs, home.tenancy, application_id=app.id,
                     lifecycle_state="FAILED")
        for r in runs:
            ended(r)

    def test_retry_token(self):
        app = self.create()
        one = client.create_run(run_details(app), opc_retry_token="run-token").data
        two = client.create_run(run_details(app), opc_retry_token="run-token").data
        self.assertEqual(one.id, two.id)
        self.assertEqual(len(client.list_runs(home.tenancy, application_id=app.id).data), 1)
        ended(one)


if __name__ == "__main__":
    weirlocal.main()
