"""What a live service must be after `weir apply`: a model of its own, from the documentation and not from weir.

It knows the file (a dict, lib/small.py), what is live as it was made by weir and changed by others, and which fields
and tags weir set when it wrote an application last. `outcome()` says what apply must do: the problems for which it must
refuse, or the state that it must leave behind.
"""
import copy

# name in the file, name in the API, what its absence means:
#   required; reset: cleared, whoever set it; server: cleared if weir set it, else whatever it is; stays: cannot be cleared
FIELDS = {
    "display_name": ("displayName", "required"), "description": ("description", "reset"),
    "language": ("language", "required"), "type": ("type", "stays"), "spark_version": ("sparkVersion", "required"),
    "file_uri": ("fileUri", "stays"), "class_name": ("className", "reset"), "arguments": ("arguments", "reset"),
    "parameters": ("parameters", "reset"), "configuration": ("configuration", "reset"),
    "archive_uri": ("archiveUri", "reset"), "driver_shape": ("driverShape", "required"),
    "driver_shape_config": ("driverShapeConfig", "server"), "executor_shape": ("executorShape", "required"),
    "executor_shape_config": ("executorShapeConfig", "server"), "num_executors": ("numExecutors", "required"),
    "logs_bucket_uri": ("logsBucketUri", "server"), "warehouse_bucket_uri": ("warehouseBucketUri", "server"),
    "metastore_id": ("metastoreId", "server"), "application_log_config": ("applicationLogConfig", "server"),
    "max_duration_in_minutes": ("maxDurationInMinutes", "stays"),
    "idle_timeout_in_minutes": ("idleTimeoutInMinutes", "stays"),
}
CLASS = {api: absent for api, absent in FIELDS.values()}
INNER = {"ocpus": "ocpus", "memory_in_gbs": "memoryInGBs", "log_group_id": "logGroupId", "log_id": "logId"}
OURS = ("scripts/", "archives/", "objects/")


def merge(base, over):
    """Maps merge deeply, all else replaces, null removes."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return copy.deepcopy(over)
    made = copy.deepcopy(base)
    for key, value in over.items():
        if value is None:
            made.pop(key, None)
        elif isinstance(value, dict):
            made[key] = merge(made.get(key) if isinstance(made.get(key), dict) else {}, value)
        else:
            made[key] = copy.deepcopy(value)
    return made


def normal(api, value):
    """A value as it is compared: what is empty is None, order does not count in parameters."""
    if value in (None, "", [], {}):
        return None
    if api == "parameters" and isinstance(value, list):
        return {p["name"]: p["value"] for p in value} or None
    if isinstance(value, dict):
        return {k: float(v) if isinstance(v, (int, float)) else v for k, v in value.items() if v is not None} or None
    return value.rstrip("/") if api.endswith("BucketUri") else value


class App:
    """A live application. known: what weir set when it wrote it last, as names of fields and tags; None: nobody knows."""

    def __init__(self, ocid, compartment, fields, tags, defined):
        self.id, self.compartment, self.fields, self.tags, self.defined = ocid, compartment, fields, tags, defined
        self.known = None

    @property
    def tag(self):
        return self.tags.get("weir")

    def seen(self):
        """As it must be seen by the API; weir-set is weir's own business."""
        return {"compartment": self.compartment, "fields": {k: v for k, v in self.fields.items() if v is not None},
                "tags": {k: v for k, v in self.tags.items() if k != "weir-set"}, "defined": self.defined}


def app_of(reply):
    """One as the API tells it."""
    fields = {api: normal(api, reply.get(api)) for api in CLASS}
    defined = {f"{ns}.{key}": value for ns, keys in (reply.get("definedTags") or {}).items() for key, value in keys.items()}
    return App(reply["id"], reply["compartmentId"], fields, dict(reply.get("freeformTags") or {}), defined)


class Want:
    """One application of the file."""


class Model:
    def __init__(self, small, ns, tenancy):
        self.small, self.ns, self.tenancy = small, ns, tenancy
        self.apps = []     # App, those of others too
        self.objects = {}  # name in the bucket `data` to (bytes, owner)

    # ---- what the file wants ------------------------------------------------------------------------------------

    @property
    def spec(self):
        return self.small.spec

    def owners(self):
        """ "pipeline/target" as it is, and as it was before."""
        spec = self.spec
        key, target = next(iter(spec["targets"].items()))
        pipelines, targets = [spec["pipeline"], spec.get("was")], [key, target.get("was")]
        return [f"{p}/{t}" for p in pipelines for t in targets if p and t]

    def resolved(self, text):
        """`$<note>`, the only reference there is, and `$$<`, which is a literal `$<`."""
        if isinstance(text, list):
            return [self.resolved(x) for x in text]
        if not isinstance(text, str):
            return text
        note = self.spec["parameters"]["note"]["default"]
        return "$<".join(part.replace("$<note>", note) for part in text.split("$$<"))

    def want(self, key):
        spec, owners = self.spec, self.owners()
        target = next(iter(spec["targets"].values()))
        app = merge(merge(spec["defaults"], spec["apps"][key]), target.get("apps", {}).get(key, {}))
        w = Want()
        w.key, w.tag, w.adopt = key, f"{owners[0]}/{key}", app.get("adopt")
        w.was = [f"{o}/{k}" for o in owners for k in (key, app.get("was")) if k][1:]
        w.compartment = app.get("compartment_id") or target.get("compartment_id") or self.tenancy
        w.uploads = {}
        uri = f"oci://{{}}@{self.ns}".format
        if app.get("script"):
            w.uploads[f"weir/{owners[0]}/scripts/{app['script']}"] = app["script"]
            app["file_uri"] = uri("data") + f"/weir/{owners[0]}/scripts/{app['script']}"
            app.setdefault("language", "PYTHON")
        if app.get("archive"):
            w.uploads[f"weir/{owners[0]}/archives/{app['archive']}.zip"] = spec["archives"][app["archive"]]["path"]
            app["archive_uri"] = uri("data") + f"/weir/{owners[0]}/archives/{app['archive']}.zip"
        for name in ("logs", "warehouse"):
            if app.get(f"{name}_bucket"):
                app[f"{name}_bucket_uri"] = uri(app[f"{name}_bucket"])
        app.setdefault("display_name", f"{spec['pipeline']}-{key}")
        w.fields = {}
        for name, (api, _) in FIELDS.items():
            value = self.resolved(app.get(name))
            if isinstance(value, dict) and name.endswith("_config"):
                value = {INNER[k]: v for k, v in value.items()}
            if normal(api, value) is not None:
                w.fields[api] = normal(api, value)
        w.tags = {**app.get("freeform_tags", {}), "weir": w.tag}
        w.defined = dict(app.get("defined_tags", {}))
        w.prevent = app.get("prevent_delete") is True
        w.declared = {"prevent"} if w.prevent else set()
        w.declared |= set(w.fields) | {("tag", k) for k in w.tags} | {("defined", k) for k in w.defined}
        return w

    def wanted_objects(self, wants):
        """Name in `data` to the local file, whether it may be written over, and whether the name is the user's own."""
        owner, found = self.owners()[0], {}
        for w in wants:
            found.update({name: (path, False, False) for name, path in w.uploads.items()})
        for key, o in self.spec["objects"].items():
            own = o.get("object")
            found[own or f"weir/{owner}/objects/{key}/{o['path']}"] = (o["path"], o.get("overwrite", False), bool(own))
        return found

    # ---- what apply must make of it -----------------------------------------------------------------------------

    def is_ours(self, app):
        return app.tag is not None and app.tag.rsplit("/", 1)[0] in self.owners()

    def claimed(self, w):
        """The live applications that are w, by any of its names."""
        return [a for a in self.apps if a.tag == w.tag or a.tag in w.was or a.id == w.adopt]

    def problems(self, wants):
        """(exit status, kind, what) of each."""
        found, protect = [], "delete" in next(iter(self.spec["targets"].values())).get("protect", [])
        tags = [a.tag for a in self.apps if self.is_ours(a)]
        found += [(4, "doubled", tag) for tag in sorted({t for t in tags if tags.count(t) > 1})]
        for w in wants:
            claimed = self.claimed(w)
            if len(claimed) > 1 and len({a.tag for a in claimed}) > 1:
                found.append((4, "both", w.key))
            if w.adopt and any(a.id == w.adopt and a.tag not in (None, w.tag) for a in self.apps):
                found.append((4, "adopt", w.key))
            if w.adopt and not claimed:
                found.append((3, "adopt", w.key))
            name = w.fields["displayName"]
            if not claimed or claimed[0].fields["displayName"] != name:
                adopted = {x.adopt for x in wants}
                others = [a for a in self.apps if not self.is_ours(a) and a.id not in adopted and a.fields["displayName"] == name]
                found += [(4, "name", (w.key, a.id)) for a in others]
            kind = w.fields.get("type")
            if claimed and kind and claimed[0].fields["type"] != kind:
                if not self.is_ours(claimed[0]):
                    found.append((1, "adopt", w.key))
                elif protect or w.prevent:
                    found.append((1, "protect", w.key))
        owners = self.owners()
        for name, (path, overwrite, own) in self.wanted_objects(wants).items():
            there = self.objects.get(name)
            if own and there and not overwrite and there[1] not in owners and there[0] != self.content(path):
                found.append((4, "object", name))
        return found

    def content(self, path):
        text = self.small.files[path]
        return text if isinstance(text, bytes) else text.encode()

    def default(self, api):
        return {"type": "BATCH", "logsBucketUri": f"oci://dataflow-logs@{self.ns}"}.get(api)

    def created(self, w):
        fields = {api: w.fields.get(api, self.default(api)) for api in CLASS}
        app = App(None, w.compartment, fields, dict(w.tags), dict(w.defined))
        app.known = set(w.declared)
        return app

    def updated(self, app, w):
        """Returns whether weir has to write more than the compartment."""
        known, changes = app.known or set(), False
        changes |= w.prevent != ("prevent" in known)
        for api, absent in CLASS.items():
            now, then = app.fields.get(api), w.fields.get(api)
            if then is None and (absent == "reset" or absent == "server" and api in known):
                changes |= now is not None
                app.fields[api] = self.default(api)
            elif then is not None and then != now:
                changes = True
                app.fields[api] = then
        for name, live, want in (("tag", app.tags, w.tags), ("defined", app.defined, w.defined)):
            for key in [k for k in live if (name, k) in known and k not in want]:
                changes = True
                del live[key]
            changes |= any(live.get(k) != v for k, v in want.items())
            live.update(want)
        if changes:
            app.known = set(w.declared)
        return changes

    def outcome(self):
        """Carries out what apply must do, in the model. Returns (status, kind, what) of each problem, then nothing is
        done; and whether there was anything to do; and the applications that stayed as they were."""
        wants = [self.want(key) for key in self.spec["apps"]]
        problems = self.problems(wants)
        if problems:
            return problems, False, []
        protect = "delete" in next(iter(self.spec["targets"].values())).get("protect", [])
        kept, untouched, busy = [a for a in self.apps if not self.is_ours(a)], [], False
        claims = {id(a): w for w in wants for a in self.claimed(w)}
        for app in [a for a in self.apps if self.is_ours(a) and id(a) not in claims]:
            stays = protect or "prevent" in (app.known or ())
            if stays:
                kept.append(app)
                untouched.append(app)
            busy |= not stays
        for w in wants:
            app = next(iter(self.claimed(w)), None)
            if app and w.fields.get("type", app.fields["type"]) != app.fields["type"]:
                kept, app = [a for a in kept if a is not app], None
            if not app:
                busy = True
                kept.append(self.created(w))
                continue
            changes = self.updated(app, w)
            moves = app.compartment != w.compartment
            app.compartment = w.compartment
            busy |= changes or moves
            if not changes and not moves:
                untouched.append(app)
            if app not in kept:
                kept.append(app)
        self.apps = kept
        return [], self.outcome_objects(wants, protect) or busy, untouched

    def outcome_objects(self, wants, protect):
        owners, busy = self.owners(), False
        wanted = self.wanted_objects(wants)
        claimed = {id(a) for w in wants for a in self.claimed(w)}
        uses = [a.fields[f] for a in self.apps if id(a) not in claimed and self.is_ours(a) for f in ("fileUri", "archiveUri")]
        used = {uri.split("/", 3)[3] for uri in uses if uri}
        for name in list(self.objects):
            ours = any(name.startswith(f"weir/{o}/{folder}") for o in owners for folder in OURS)
            if ours and name not in wanted and not protect and name not in used:
                del self.objects[name]
                busy = True
        for name, (path, _, own) in wanted.items():
            there = self.objects.get(name)
            if not there or there[0] != self.content(path) or own and there[1] in owners[1:]:
                self.objects[name] = (self.content(path), owners[0])
                busy = True
        return busy
