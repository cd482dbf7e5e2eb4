from dataclasses import dataclass
from pathlib import Path

import pytest

from services.common.runtime.config import (
    DEVELOPMENT_SECRET,
    ConfigError,
    Configured,
    Settings,
    container_config,
    setting,
)

pytestmark = pytest.mark.pure

BROKER = "amqp://pledge:hunter2-hunter2@127.0.0.1:5672/pledge"
SECRET = "8f0c2e7a51b94d63-of-the-test"


@dataclass(frozen=True)
class ShopSettings(Settings):
    provider: str = setting("PLEDGE_TEST_PROVIDER", default="sandbox", one_of=("sandbox", "bank"), doc="who pays")
    api_key: str = setting("PLEDGE_TEST_API_KEY", secret=True, doc="the provider's key")
    rate: float = setting("PLEDGE_TEST_RATE", default=0.5, at_least=0, doc="calls per second")


@dataclass(frozen=True)
class SealedSettings(Settings):
    secret: str = setting(
        "PLEDGE_SECRET",
        default=DEVELOPMENT_SECRET,
        known=DEVELOPMENT_SECRET,
        secret=True,
        pattern=".{16,}",
        doc="seals",
    )


def test_nothing_set_gives_the_embedded_form():
    settings = Settings.load({})

    assert settings.embedded
    assert settings.amqp_uri == "inproc://main"
    assert settings.database_url("orders") == "sqlite:///var/orders.db"


def test_a_service_adds_settings_of_its_own():
    settings = ShopSettings.load({"PLEDGE_TEST_API_KEY": "key", "PLEDGE_TEST_RATE": "2", "PLEDGE_DATA_DIR": "/data"})

    assert isinstance(settings, ShopSettings)
    assert (settings.provider, settings.api_key, settings.rate) == ("sandbox", "key", 2.0)
    assert settings.data_dir == Path("/data")


def test_all_problems_are_told_at_once_with_variable_and_form():
    environ = {
        "PLEDGE_AMQP_URI": "http://x",
        "PLEDGE_MAX_WORKERS": "0",
        "PLEDGE_GRACE_SECONDS": "soon",
        "PLEDGE_DEV": "perhaps",
        "PLEDGE_TEST_PROVIDER": "cash",
        "PLEDGE_TEST_RATE": "nan",
    }

    with pytest.raises(ConfigError) as refused:
        ShopSettings.load(environ)

    assert {problem.partition(" ")[0] for problem in refused.value.problems} == {*environ, "PLEDGE_TEST_API_KEY"}
    assert "PLEDGE_MAX_WORKERS is '0'; expected a whole number, at least 1" in str(refused.value)
    assert "PLEDGE_TEST_PROVIDER is 'cash'; expected sandbox or bank" in str(refused.value)
    assert "PLEDGE_TEST_API_KEY is not set; expected text" in str(refused.value)


def test_secrets_are_shown_neither_in_a_repr_nor_in_a_problem():
    environ = {
        "PLEDGE_AMQP_URI": BROKER,
        "PLEDGE_SECRET": SECRET,
        "PLEDGE_TEST_API_KEY": "sesame",
        "PLEDGE_ORDERS_DATABASE_URL": "postgresql://orders:opensesame@db/orders",
    }

    shown = (
        repr(ShopSettings.load(environ))
        + repr(SealedSettings.load(environ))
        + repr(container_config(environ)["settings"])
    )
    with pytest.raises(ConfigError) as refused:
        SealedSettings.load({"PLEDGE_SECRET": "tooshort", "PLEDGE_AMQP_URI": "mqtt://u:hunter2@x"})

    for secret in ("hunter2", SECRET, "sesame", "tooshort"):
        assert secret not in shown + str(refused.value)


def test_the_development_secret_is_refused_with_a_real_broker():
    with pytest.raises(ConfigError, match="PLEDGE_SECRET"):
        SealedSettings.load({"PLEDGE_AMQP_URI": BROKER})

    with pytest.raises(ConfigError, match="PLEDGE_SECRET"):
        SealedSettings.load({"PLEDGE_AMQP_URI": BROKER, "PLEDGE_SECRET": DEVELOPMENT_SECRET})

    assert SealedSettings.load({"PLEDGE_AMQP_URI": BROKER, "PLEDGE_DEV": "1"}).secret == DEVELOPMENT_SECRET
    assert SealedSettings.load({"PLEDGE_AMQP_URI": BROKER, "PLEDGE_SECRET": SECRET}).secret == SECRET


def test_an_empty_variable_counts_as_unset():
    assert Settings.load({"PLEDGE_MAX_WORKERS": "", "PLEDGE_ORDERS_DATABASE_URL": ""}) == Settings.load({})


def test_each_service_has_a_database_of_its_own():
    settings = Settings.load({"PLEDGE_ORDERS_DATABASE_URL": "postgresql://db/orders", "PLEDGE_DATA_DIR": "/data"})

    assert settings.database_url("orders") == "postgresql://db/orders"
    assert settings.database_url("support") == "sqlite:////data/support.db"


def test_the_readme_table_names_variables_and_no_values():
    rows = {row.env: row for row in ShopSettings.describe()}

    assert rows["PLEDGE_TEST_API_KEY"].default == "(required)"
    assert rows["PLEDGE_DEV"].default == "0"
    assert {"PLEDGE_AMQP_URI", "PLEDGE_<SERVICE>_DATABASE_URL", "PLEDGE_TEST_RATE"} <= {*rows}
    assert all(row.doc and row.form for row in rows.values())


def test_workers_are_given_the_settings_of_their_service():
    class Container:
        config = container_config({"PLEDGE_TEST_API_KEY": "key"})

    provider = Configured(ShopSettings)
    provider.container = Container()
    provider.setup()

    assert provider.get_dependency(None) == ShopSettings.load({"PLEDGE_TEST_API_KEY": "key"})


def test_a_variable_may_be_given_as_a_file(tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    (tmp_path / "url").write_text("postgresql://orders:opensesame@db/orders\n")
    environ = {
        "PLEDGE_SECRET_FILE": str(tmp_path / "secret"),
        "PLEDGE_ORDERS_DATABASE_URL_FILE": str(tmp_path / "url"),
        "PLEDGE_AMQP_URI_FILE": "",
    }

    settings = SealedSettings.load(environ)

    assert settings.secret == SECRET
    assert settings.database_url("orders") == "postgresql://orders:opensesame@db/orders"
    assert settings.embedded
    assert SealedSettings.load({**environ, "PLEDGE_SECRET": "another-secret-of-the-test"}).secret.startswith("another")


def test_a_file_that_cannot_be_read_is_a_problem_like_any_other(tmp_path):
    missing = str(tmp_path / "missing")

    with pytest.raises(ConfigError) as refused:
        Settings.load({"PLEDGE_SECRET_FILE": missing, "PLEDGE_MAX_WORKERS": "0"})

    assert [problem.partition(" ")[0] for problem in refused.value.problems] == [
        "PLEDGE_SECRET_FILE",
        "PLEDGE_MAX_WORKERS",
    ]
    assert missing in str(refused.value)
