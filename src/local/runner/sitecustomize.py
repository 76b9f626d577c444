"""Python in a run of weir-local: clients of OCI's SDK that name no endpoint speak to the service that runs them.

Python imports this when it starts, in the driver and in the workers of executors. A script written for OCI runs as it is; one that names
an endpoint gets that one. A sitecustomize of the user's own, wherever it lies on the path, is run after this one.
"""
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ENDPOINT = os.environ.get("WEIR_LOCAL_ENDPOINT")


def direct(base_client):
    """The constructor of all clients, with the endpoint where none is given."""
    whole = base_client.BaseClient.__init__

    def init(self, service, config, signer, type_mapping, **kwargs):
        kwargs["service_endpoint"] = kwargs.get("service_endpoint") or ENDPOINT
        whole(self, service, config, signer, type_mapping, **kwargs)

    base_client.BaseClient.__init__ = init


class Loader(importlib.abc.Loader):
    def __init__(self, loader):
        self.loader = loader

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        direct(module)


class Finder(importlib.abc.MetaPathFinder):
    """Waits for the SDK, which most jobs do not import and which takes half a second."""

    def find_spec(self, name, path=None, target=None):
        if name != "oci.base_client":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            spec.loader = Loader(spec.loader)
        return spec


def users_own():
    elsewhere = [p for p in sys.path if os.path.abspath(p or ".") != HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", elsewhere)
    if spec and spec.loader:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if ENDPOINT:
    sys.meta_path.insert(0, Finder())
users_own()
