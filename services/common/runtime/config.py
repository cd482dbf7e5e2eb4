"""Settings: every environment variable of the platform named, typed, defaulted, explained and checked once at start.

    @dataclass(frozen=True)
    class OrdersSettings(Settings):
        provider: str = setting("PLEDGE_PAYMENT_PROVIDER", default="sandbox", one_of=("sandbox", "stripe"),
                                doc="the payment provider")

    OrdersSettings.load(os.environ)          # ConfigError lists every problem at once

In a service, `settings = Configured(OrdersSettings)` gives the loaded instance to each worker. What only an adapter
needs is declared in the adapter's file, as fields of the adapter itself; the service names its adapters in `parts`:

    @dataclass(frozen=True)
    class Post(Carrier):                         # Carrier is a Settings
        post_secret: str = setting("PLEDGE_POST_SECRET", default="", secret=True, doc="signs the post's webhooks")

    LogisticsSettings.load(os.environ).part(Post)    # the adapter, with its own variables and the common ones

The README's table, `.env.example`, `docker-compose.yml`, the secrets that are made for it, and what the doctor looks
for are all derived from the declarations (`python -m deploy.checks.configuration`).

Every variable may also name a file: PLEDGE_SECRET_FILE=/run/secrets/secret stands for what that file holds, unless
PLEDGE_SECRET itself is set. Outside development others may not read a secret's file (`files`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self, TypeVar, get_type_hints

from nameko.extensions import DependencyProvider

from services.common.basics import speed, urls
from services.common.basics.untyped import Fields
from services.common.runtime.exposure import is_guessable, is_public_address, is_public_url
from services.common.runtime.files import open_to_others, with_files

# the keys of nameko's configuration under which extensions find the variables, and what every process is told
ENVIRON, SETTINGS = "environ", "settings"
DEVELOPMENT_SECRET = "a-secret-for-development-only"  # noqa: S105 (refused outside development, see `_problems`)
_DATABASE, _OWNER = "PLEDGE_{}_DATABASE_URL", "PLEDGE_{}_OWNER_URL"
_DATED = re.compile(r"\s*\d{4}-\d{2}-\d{2}:")
_ADDRESS = r"([^:\s]+:)?\d{1,5}"
_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_FORMS: Mapping[type, str] = {
    int: "a whole number", float: "a number", bool: "1 or 0", Path: "a path", str: "text",
}  # fmt: skip


S = TypeVar("S", bound="Settings")


class ConfigError(Exception):
    """What is wrong with the environment: one line for each variable, all of them at once."""

    def __init__(self, problems: list[str]):
        super().__init__("the configuration is wrong:\n" + "\n".join(f"  {problem}" for problem in problems))
        self.problems = problems


class InTheWay(ConfigError):
    """The machine refuses something: the configuration may be right, and there is one line to say."""

    def __init__(self, problem: str):
        super().__init__([problem])
        self.args = (problem,)


class Secret(str):
    """A text that does not show itself in a repr, and so in no log line that prints its settings."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class SettingRow(NamedTuple):
    """One line of the configuration table. known: see `setting`."""

    env: str
    form: str
    default: str
    doc: str
    secret: bool = False
    known: str = ""


def setting(
    env: str,
    *,
    doc: str,
    default: object = MISSING,
    secret: bool = False,
    known: str = "",
    one_of: tuple[str, ...] = (),
    pattern: str = "",
    form: str = "",
    at_least: float | None = None,
) -> Any:
    """Declare a field of a Settings class; without a default the variable is required.

    The type is the field's: str, int, float, bool or Path. `pattern` must match the whole text and `form` says in
    words what is expected; `at_least` bounds a number. `known` is the value of a secret that stands in this source: in
    development it is what an empty one stands for; elsewhere it is refused, as default and as value alike.
    """
    how = {"env": env, "doc": doc, "secret": secret, "known": known, "one_of": one_of, "pattern": pattern, "form": form}
    if secret and isinstance(default, str):
        default = Secret(default)
    return field(default=default, kw_only=True, metadata={**how, "at_least": at_least})


@dataclass(frozen=True)
class Settings:
    """What every process of the platform is told; services add their own in a subclass."""

    amqp_uri: str = setting(
        "PLEDGE_AMQP_URI", default="inproc://main", secret=True, pattern=r"(inproc|amqps?)://.+",
        form="amqp://user:password@host:port/vhost, or inproc://main for one process without a broker",
        doc="the bus between the services",
    )  # fmt: skip
    data_dir: Path = setting(
        "PLEDGE_DATA_DIR", default=Path("var"), doc="where SQLite files and outgoing mail are kept"
    )
    public_url: str = setting(
        "PLEDGE_PUBLIC_URL", default="http://127.0.0.1:8000", pattern=r"https?://\S+[^/\s]",
        form="http(s)://host[:port] without a slash at the end", doc="the address that customers see, used in links",
    )  # fmt: skip
    http_address: str = setting(
        "PLEDGE_HTTP_ADDRESS", default="127.0.0.1:8000", pattern=_ADDRESS, form="host:port",
        doc="where the gateway listens",
    )  # fmt: skip
    ops_address: str = setting(
        "PLEDGE_OPS_ADDRESS", default="", pattern=f"({_ADDRESS})?", form="host:port",
        doc="where this process answers /health/live, /health/ready and /metrics; empty: nowhere",
    )  # fmt: skip
    max_workers: int = setting(
        "PLEDGE_MAX_WORKERS", default=20, at_least=1, doc="requests and events that one service works on at a time"
    )
    grace_seconds: float = setting(
        "PLEDGE_GRACE_SECONDS", default=25.0, at_least=0, doc="time for a stopping process to finish what it has begun"
    )
    otlp_endpoint: str = setting(
        "PLEDGE_OTLP_ENDPOINT", default="", pattern=r"https?://\S+[^/\s]",
        form="http(s)://collector:4318 without a slash at the end",
        doc="where OpenTelemetry spans are sent (see docs/operations-security.md); empty: nowhere",
    )  # fmt: skip
    log_level: str = setting(
        "PLEDGE_LOG_LEVEL",
        default="INFO",
        one_of=("DEBUG", "INFO", "WARNING", "ERROR"),
        doc="what is logged: this and worse",
    )
    log_format: str = setting("PLEDGE_LOG_FORMAT", default="json", one_of=("json", "text"), doc="form of a log line")
    plain: str = setting(
        "PLEDGE_PLAIN", default="", pattern=speed.NAMES, form=f"some of: {' '.join(speed.Piece)}",
        doc="what exists for speed alone and is left out, see docs/adr/0008-speed-room.md; empty: nothing",
    )  # fmt: skip
    terms: str = setting(
        "PLEDGE_TERMS",
        default="",
        doc="changed times of promises, as JSON, see docs/operations.md; the same everywhere",
    )
    closures: str = setting(
        "PLEDGE_CLOSURES",
        default="",
        form="a path",
        doc="a YAML file of days without work, see docs/operations.md; the same everywhere",
    )
    dev: bool = setting(
        "PLEDGE_DEV",
        default=False,
        doc="allow known secrets and passwords with a real broker; never in production",
    )
    databases: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    owners: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    loaded: tuple[Settings, ...] = field(default=(), repr=False, compare=False)
    parts: ClassVar[tuple[type[Settings], ...]] = ()
    """The adapters of a service, which declare settings of their own."""

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """Load the settings from these variables.

        An empty one counts as unset. Raise ConfigError, which names all problems.
        """
        problems: list[str] = []
        files: dict[str, str] = {}
        environ = with_files(environ, files, problems)
        databases, owners = _urls(environ, _DATABASE), _urls(environ, _OWNER)
        values = _values(cls, environ, problems)
        values_of_parts = [(kind, _values(kind, environ, problems)) for kind in cls.parts]
        if not problems:
            parts = tuple(kind(databases=databases, owners=owners, **given) for kind, given in values_of_parts)
            settings = cls(databases=databases, owners=owners, loaded=parts, **values)
            problems = [*settings._problems(), *(problem for part in parts for problem in part._problems())]
            if not problems and not settings.development:  # whether a key can be read is asked before
                problems += open_to_others(settings._secret_files(files))
        if problems:
            raise ConfigError([*dict.fromkeys(problems)])  # all of them read the common variables
        return settings

    def part(self, kind: type[S]) -> S:
        """Return the part of that class; of settings that were not loaded, one with its defaults."""
        found = next((each for each in self.loaded if type(each) is kind), None)
        common = {each.name: getattr(self, each.name) for each in fields(Settings)}
        return found if isinstance(found, kind) else kind(**{**common, "loaded": ()})

    @classmethod
    def describe(cls) -> list[SettingRow]:
        """Return a row for each variable that these settings and their parts read, once."""
        rows: dict[str, SettingRow] = {}
        for each, kind in (declared for part in (cls, *cls.parts) for declared in _declared(part)):
            default, how = each.default, each.metadata
            shown = "(required)" if default is MISSING else int(default) if isinstance(default, bool) else default
            row = SettingRow(how["env"], _form(kind, how), str(shown), how["doc"], how["secret"], how["known"])
            rows.setdefault(row.env, row)
        form = "postgresql+psycopg2://user:password@host/name or sqlite:///path"
        doc = "the database of one service, e.g. PLEDGE_ORDERS_DATABASE_URL"
        database = SettingRow("PLEDGE_<SERVICE>_DATABASE_URL", form, "SQLite: <data dir>/<service>.db", doc)
        doc = "the same database, as the role that migrates it; the service's own may then only work with rows"
        return [*rows.values(), database, SettingRow("PLEDGE_<SERVICE>_OWNER_URL", form, "the service's own", doc)]

    @property
    def embedded(self) -> bool:
        """Whether the bus lives in this process, without a broker."""
        return self.amqp_uri.startswith("inproc:")

    @property
    def development(self) -> bool:
        """Whether what must never meet the public is allowed: known secrets, the sandbox bank, the mailbox."""
        return self.dev or self.embedded

    def database_url(self, service: str) -> str:
        """Return the SQLAlchemy URL of that service's own database."""
        return self.databases.get(service) or f"sqlite:///{self.data_dir / service}.db"

    def owner_url(self, service: str) -> str:
        """Return the URL under which the service's tables are made and changed; else that of its database.

        One that is for another database than the service works on is left alone.
        """
        url, owner = self.database_url(service), self.owners.get(service, "")
        return owner if urls.is_same_database(owner, url) else url

    def database_role(self, service: str) -> str | None:
        """Return the role that the service runs as, None where the database has none."""
        return urls.role_of(self.database_url(service))

    def _problems(self) -> Iterator[str]:
        """Yield what is wrong with the settings as a whole. Subclasses extend it."""
        if not self.embedded:
            yield from (f"PLEDGE_AMQP_URI {problem}" for problem in urls.bus_problems(self.amqp_uri))
        for variable, url in self._database_urls().items():
            yield from (f"{variable} {problem}" for problem in urls.database_problems(url))
        yield from self._exposed() if self.development else self._everybodys()

    def _database_urls(self) -> dict[str, str]:
        """Return every URL of a database by its variable."""
        given = ((_DATABASE, self.databases), (_OWNER, self.owners))
        return {name.format(service.upper()): url for name, urls in given for service, url in urls.items()}

    def _exposed(self) -> Iterator[str]:
        """Yield what would show the development form to other machines."""
        why = "in the development form, which shows all outgoing mail and takes play money"
        if is_public_url(self.public_url):
            yield f"PLEDGE_PUBLIC_URL is {self.public_url!r} {why}; expected a URL of this machine"
        if self.embedded and is_public_address(self.http_address):
            yield f"PLEDGE_HTTP_ADDRESS is {self.http_address!r} {why}; expected a loopback address, 127.0.0.1:8000"

    def known_secrets(self) -> dict[str, str]:
        """Return the variables whose secret, as it is in use, stands in this source, with the form they should have."""
        return {
            each.metadata["env"]: _form(str, each.metadata)
            for part in (self, *self.loaded)
            for each, _ in _declared(type(part))
            if each.metadata["known"] and _keys(part.secret_in_use(each.name)) & _keys(each.metadata["known"])
        }

    def secret_in_use(self, name: str) -> str:
        """Return the secret of that field: in development the known one stands for an empty one."""
        (known,) = (each.metadata["known"] for each in fields(self) if each.name == name)
        return str(getattr(self, name) or (known if self.development else ""))

    def _everybodys(self) -> Iterator[str]:
        """Yield secrets that others could know, by variable."""
        known = self.known_secrets()
        for variable, form in known.items():
            yield f"{variable} is not set, or to what everybody knows; expected {form} nobody can guess"
        for part in (self, *self.loaded):
            for each, _ in _declared(type(part)):
                env, value = each.metadata["env"], getattr(part, each.name)
                ours = env.endswith(("_SECRET", "_SECRETS", "_KEYS")) and value not in ("", each.default)
                listed = ours and (env.endswith(("_SECRETS", "_KEYS")) or "," in value or _DATED.match(value))
                if ours and env not in known and any(map(is_guessable, _keys(value) if listed else {value})):
                    yield f"{env} can be guessed; expected a random text: openssl rand -hex 32"
        if self.public_url.startswith("http:") and is_public_url(self.public_url):
            yield f"PLEDGE_PUBLIC_URL is {self.public_url!r}; expected https://, since links in mails open orders"
        for variable, url in {"PLEDGE_AMQP_URI": self.amqp_uri, **self._database_urls()}.items():
            if urls.has_everybodys_password(url):
                yield f"{variable} has no password, or one that everybody would try; expected a random one"

    def _secret_files(self, read: Mapping[str, str]) -> dict[str, str]:
        """Return which of the files that were read hold secrets, and the private keys for TLS, as paths by variable."""
        declared = (each for part in (self, *self.loaded) for each, _ in _declared(type(part)))
        secret = {each.metadata["env"] for each in declared if each.metadata["secret"]} | self._database_urls().keys()
        addresses = {"PLEDGE_AMQP_URI": self.amqp_uri, **self._database_urls()}
        keys = {f"the key in {name}": key for name, url in addresses.items() if (key := urls.key_file(url))}
        return {**{name: path for name, path in read.items() if name.removesuffix("_FILE") in secret}, **keys}


class Configured(DependencyProvider):
    """Gives workers the service's settings, loaded once when the container is set up."""

    def __init__(self, settings_class: type[Settings] = Settings):
        self.settings_class = settings_class

    def setup(self) -> None:
        self.settings = self.settings_class.load(self.container.config[ENVIRON])

    def get_dependency(self, worker_ctx: object) -> Settings:
        return self.settings


def container_config(environ: Mapping[str, str]) -> dict[str, object]:
    """Return nameko's configuration for these variables. The runner and the tests start containers with it."""
    settings = Settings.load(environ)
    return {
        ENVIRON: dict(environ),
        SETTINGS: settings,
        "AMQP_URI": str(settings.amqp_uri),
        "HEARTBEAT": 10,  # a dead connection is noticed in twice this time, in seconds
        "WEB_SERVER_ADDRESS": settings.http_address,
        "max_workers": settings.max_workers,
        "SERVICE_CONTAINER_CLS": "services.common.runtime.telemetry.ObservedContainer",
    }


def split_address(address: str) -> tuple[str, int]:
    """Split `host:port`, or a port on the loopback interface, into a pair for a socket."""
    host, _, port = address.rpartition(":")
    return host or "127.0.0.1", int(port)


def _declared(cls: type[Settings]) -> Iterator[tuple[Field[object], type]]:
    hints = get_type_hints(cls)
    return ((each, hints[each.name]) for each in fields(cls) if "env" in each.metadata)


def _values(cls: type[Settings], environ: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """Return what the variables say, by field; what is wrong with them joins the problems."""
    values: dict[str, Any] = {}
    for each, kind in _declared(cls):
        text = environ.get(each.metadata["env"], "")
        try:
            if text:
                values[each.name] = _parse(text, kind, each.metadata)
            elif each.default is MISSING:
                raise ValueError("is not set")
        except ValueError as problem:
            problems.append(f"{each.metadata['env']} {problem}; expected {_form(kind, each.metadata)}")
    return values


def _keys(secret: str) -> set[str]:
    """Return each key of a list of them (`purpose:name:hex, …`, `whsec_a,whsec_b`), one may be of several words."""
    return {part.strip().rpartition(":")[2] for part in secret.split(",") if part.strip()}


def _urls(environ: Mapping[str, str], variable: str) -> dict[str, str]:
    """Return the databases that have a variable of that form: {"orders": "postgresql+psycopg2://…"}."""
    found = ((re.fullmatch(variable.format(r"(\w+)"), name), url) for name, url in environ.items() if url)
    return {match[1].lower(): Secret(url) for match, url in found if match}


def _parse(text: str, kind: type, how: Fields) -> object:
    shown = "has a value" if how["secret"] else f"is {text!r}"
    try:
        value = _BOOLEANS[text.lower()] if kind is bool else Secret(text) if how["secret"] else kind(text)
    except (KeyError, ValueError):
        raise ValueError(shown) from None
    if how["one_of"] and value not in how["one_of"]:
        raise ValueError(shown)
    if how["pattern"] and not re.fullmatch(how["pattern"], text):
        raise ValueError(f"{shown} of another form")
    if how["at_least"] is not None and not value >= how["at_least"]:
        raise ValueError(shown)
    return value


def _form(kind: type, how: Fields) -> str:
    if how["one_of"]:
        return " or ".join(how["one_of"])
    form: str = how["form"] or _FORMS[kind]
    return form if how["at_least"] is None else f"{form}, at least {how['at_least']:g}"
