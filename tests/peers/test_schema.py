#!/usr/bin/env python3
"""The published schema by a validator that we did not write: it is one, takes what weir takes, and refuses what
weir refuses for the keys and types that it can see."""
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

weirlocal.use_venv()
import jsonschema
import yaml

SOURCE = weirlocal.SOURCE
CASES = SOURCE / "tests" / "cases"


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as far as these files need it: `on` and `no` are strings, and so are dates."""


Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), "tf")


def load(path):
    return yaml.load(path.read_text(), Core)


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads((SOURCE / "schemas" / "pipeline.schema.json").read_text())
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def mistakes(self, pipeline):
        return [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in self.validator.iter_errors(pipeline)]

    def test_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_takes_what_weir_takes(self):
        files = sorted(SOURCE.glob("pipelines/*/pipeline.yaml"))
        files += [CASES / name / "pipeline.yaml" for name in ("valid", "valid-target", "warnings")]
        self.assertGreater(len(files), 3)
        for path in files:
            with self.subTest(path=path.relative_to(SOURCE)):
                self.assertEqual(self.mistakes(load(path)), [])

    def test_refuses_keys_and_types(self):
        for name in ("unknown-key", "wrong-type", "not-built", "all-at-once", "out-of-range"):
            with self.subTest(case=name):
                self.assertNotEqual(self.mistakes(load(CASES / name / "pipeline.yaml")), [])

    def test_references_stand_for_any_type(self):
        app = {"num_executors": "$<n>", "arguments": "$<list>", "driver_shape_config": "$<size>", "description": None}
        self.assertEqual(self.mistakes({"pipeline": "p", "defaults": app, "apps": {"a": app}}), [])
        self.assertNotEqual(self.mistakes({"pipeline": "p", "apps": {"a": {"num_executors": "three"}}}), [])
        self.assertNotEqual(self.mistakes({"pipeline": "p", "targets": {"t": {"apps": {"a": {"n": 1}}}}}), [])


if __name__ == "__main__":
    weirlocal.main()
