"""What is live of one pipeline, read by the API and not by weir.

    live = Live(home, "flights", ["flights-landing", "dataflow-logs"])
    live.state()    # by identity, without ids and times: equal states compare equal
    live.clear()
"""
import json

# What the service says of its own, and what differs between two services or two runs of a test. So does the tag
# weir-set: it holds digests of addresses, which name the namespace.
OWN = ("id", "timeCreated", "timeUpdated", "ownerPrincipalId", "ownerUserName", "lifecycleState", "description",
       "compartmentId")


class Live:
    def __init__(self, home, pipeline, buckets):
        self.home, self.prefix, self.names = home, f"{pipeline}/local/", set(buckets)

    def apps(self):
        """The live applications of the pipeline, with all their fields."""
        home = self.home
        listed = home.call("GET", f"/20200129/applications?compartmentId={home.tenancy}&limit=1000").json()
        alive = [a for a in listed if a["lifecycleState"] in ("ACTIVE", "INACTIVE")]
        ours = [a for a in alive if a["freeformTags"].get("weir", "").startswith(self.prefix)]
        return [home.call("GET", f"/20200129/applications/{a['id']}").json() for a in ours]

    def buckets(self):
        listed = self.home.call("GET", f"/n/{self.home.ns}/b?compartmentId={self.home.tenancy}&limit=1000").json()
        return {b["name"] for b in listed} & self.names

    def objects(self):
        """(bucket, name) to MD5."""
        found = {}
        for bucket in self.buckets():
            reply = self.home.call("GET", f"/n/{self.home.ns}/b/{bucket}/o?fields=name%2Cmd5&limit=1000")
            found.update({(bucket, o["name"]): o["md5"] for o in reply.json()["objects"]})
        return found

    def state(self):
        """Two applications with one identity are an error here too."""
        state = {("bucket", name): True for name in self.buckets()}
        state.update({("object", name): md5 for (_, name), md5 in self.objects().items()})
        for app in self.apps():
            key = ("application", app["freeformTags"]["weir"].removeprefix(self.prefix))
            if key in state:
                raise AssertionError(f"two applications are {key[1]}: {app['id']}")
            app["freeformTags"].pop("weir-set", None)
            state[key] = json.dumps({k: v for k, v in app.items() if v and k not in OWN}, sort_keys=True)
        return state

    def clear(self):
        """Takes everything away."""
        for app in self.apps():
            self.home.call("DELETE", f"/20200129/applications/{app['id']}")
        for bucket, name in self.objects():
            self.home.call("DELETE", self.home.object(bucket, name))
        for name in self.buckets():
            self.home.call("DELETE", f"/n/{self.home.ns}/b/{name}")


def check_same(state, expected):
    """Two states of a service; tells only what differs."""
    keys = [key for key in {**state, **expected} if state.get(key) != expected.get(key)]
    if keys:
        raise AssertionError("".join(f"\n  {key}: {state.get(key)} is not {expected.get(key)}" for key in keys))
