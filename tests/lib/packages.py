"""Packages of a test's own: a folder of wheels for pip and a Maven repository, and the environment in which the real tools take
them from there.

    packages = Packages(folder)
    packages.wheel("greeting", "1.0", {"greeting.py": "..."})
    packages.jar("org.example", "one", "1.0", needs=[("org.example", "two", "1.0")])
    home.run([weir, ...], env=packages.env())
"""
import io
import pathlib
import zipfile

FIXED = (2020, 2, 2, 2, 2, 2)


class Packages:
    def __init__(self, folder, tools=None):
        """tools: a folder in which weir keeps pip for several of these."""
        self.folder = pathlib.Path(folder)
        self.wheels, self.repository, self.home = self.folder / "wheels", self.folder / "repository", self.folder / "maven"
        for path in (self.wheels, self.repository, self.home / ".m2"):
            path.mkdir(parents=True, exist_ok=True)
        if tools:
            tools.mkdir(exist_ok=True)
            (self.folder / "cache/weir/archives").mkdir(parents=True)
            (self.folder / "cache/weir/archives/tools").symlink_to(tools)
        self._settings(f"<profiles><profile><id>test</id><repositories><repository><id>test</id><url>file://{self.repository}</url></repository>"
                       "</repositories></profile></profiles><activeProfiles><activeProfile>test</activeProfile></activeProfiles>",
                       pathlib.Path.home() / ".m2" / "repository")

    def _settings(self, inner, local):
        (self.home / ".m2" / "settings.xml").write_text(f"<settings><localRepository>{local}</localRepository>{inner}</settings>")

    def maven_is_down(self):
        """From here on every repository is a port of this machine where nobody listens."""
        self._settings("<mirrors><mirror><id>down</id><mirrorOf>*</mirrorOf><url>http://127.0.0.1:1/</url></mirror></mirrors>", self.folder / "empty")

    def env(self, **more):
        return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "MAVEN_OPTS": f"-Duser.home={self.home}",
                "XDG_CACHE_HOME": str(self.folder / "cache"), "PIP_CACHE_DIR": str(self.folder / "pip"), **more}

    def wheel(self, name, version, files, tag="py3-none-any", metadata="", extra=()):
        """extra: (ZipInfo, bytes) as they are."""
        path = self.wheels / f"{name}-{version}-{tag}.whl"
        info = f"{name}-{version}.dist-info"
        members = {**files, f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: MIT\n{metadata}",
                   f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"}
        members[f"{info}/RECORD"] = "".join(f"{member},,\n" for member in [*members, f"{info}/RECORD"])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
            for member, text in members.items():
                z.writestr(zipfile.ZipInfo(member, FIXED), text)
            for entry, data in extra:
                z.writestr(entry, data)
        return path

    def jar(self, group, artifact, version, needs=(), content=None, licence="Apache-2.0"):
        folder = self.repository / group.replace(".", "/") / artifact / version
        folder.mkdir(parents=True, exist_ok=True)
        if content is None:
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as z:
                z.writestr(zipfile.ZipInfo("META-INF/MANIFEST.MF", FIXED), f"Manifest-Version: 1.0\nBundle-License: {licence}\n")
                z.writestr(zipfile.ZipInfo(f"{artifact}.txt", FIXED), version)
            content = packed.getvalue()
        (folder / f"{artifact}-{version}.jar").write_bytes(content)
        depends = "".join(f"<dependency><groupId>{g}</groupId><artifactId>{a}</artifactId><version>{v}</version></dependency>" for g, a, v in needs)
        (folder / f"{artifact}-{version}.pom").write_text(
            "<project xmlns='http://maven.apache.org/POM/4.0.0'><modelVersion>4.0.0</modelVersion>"
            f"<groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version><dependencies>{depends}</dependencies></project>")
        return folder / f"{artifact}-{version}.jar"


def link(name):
    """A zip's entry that is a symbolic link."""
    entry = zipfile.ZipInfo(name, FIXED)
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return entry

