from __future__ import annotations

import copy
import json
import math
import pickle
import pydoc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hzclient
from hzclient import config as config_module
from hzclient.config import (
    BitmapIndexOptions,
    Config,
    FlakeIdGeneratorConfig,
    IndexConfig,
    IndexType,
    IndexUtil,
    InFlightPolicy,
    NearCacheConfig,
    QueryConstants,
    ReliableTopicConfig,
    SSLProtocol,
)
from hzclient.config.option import OptionSet
from hzclient.errors import InvalidConfigurationError
from hzclient.security import BasicTokenProvider
from hzclient.serialization.api import (
    CompactSerializer,
    IdentifiedDataSerializable,
    Portable,
    StreamSerializer,
)
from hzclient.serialization.portable.classdef import ClassDefinition, ClassDefinitionBuilder
from hzclient.util import RandomLB, RoundRobinLB

OFFICIAL = json.loads((Path(__file__).parent.parent / "data" / "config-options.json").read_text())
OPTION_SETS: list[type[OptionSet]] = [
    Config,
    NearCacheConfig,
    FlakeIdGeneratorConfig,
    ReliableTopicConfig,
    BitmapIndexOptions,
    IndexConfig,
]
OFFICIAL_FACTS = {
    f"{cls}.{option}": (getattr(config_module, cls), option, facts)
    for cls, options in OFFICIAL["classes"].items()
    for option, facts in options.items()
}
OFFICIAL_OPTIONS = [pytest.param(*facts, id=name) for name, facts in OFFICIAL_FACTS.items()]
ENUM_OPTIONS = [pytest.param(*facts, id=name) for name, facts in OFFICIAL_FACTS.items() if "enum" in facts[2]]
EVERY_OPTION = [
    pytest.param(cls, option, id=f"{cls.__name__}.{option}") for cls in OPTION_SETS for option in cls.options
]


class MyData(IdentifiedDataSerializable):
    pass


class MyPortable(Portable):
    pass


class MySerializer(StreamSerializer):
    pass


class MyCompactSerializer(CompactSerializer):
    def read(self, reader):
        raise NotImplementedError

    def write(self, writer, obj):
        raise NotImplementedError

    def get_class(self):
        return MyData

    def get_type_name(self):
        return "my-data"


class MyAddressProvider:
    def load_addresses(self):
        return [], []

    def translate(self, address):
        return address


# ------------------------------------------------------------------------------- against the official API


def expected_results(facts: dict[str, Any]) -> dict[str, str]:
    """Return the result of assigning each probe value: "ok", or the name of an error."""
    named = {
        probe: result for result, probes in facts["probes"].items() if probes != "others" for probe in probes
    }
    others = next(result for result, probes in facts["probes"].items() if probes == "others")
    return dict.fromkeys(OFFICIAL["probe_values"], others) | named


def assign(cls: type[OptionSet], option: str, value: object) -> str:
    try:
        setattr(cls(), option, value)
    except Exception as error:
        return type(error).__name__
    return "ok"


@pytest.mark.parametrize(("cls", "option", "facts"), OFFICIAL_OPTIONS)
def test_assigning_gives_what_the_official_option_gives(cls, option, facts):
    expected = expected_results(facts)
    assert {probe: assign(cls, option, eval(probe)) for probe in expected} == expected


@pytest.mark.parametrize(("cls", "option", "facts"), OFFICIAL_OPTIONS)
def test_default(cls, option, facts):
    value = getattr(cls(), option)
    if facts["default"].startswith("<"):
        assert value.unique_key == "__key"
    else:
        assert value == eval(facts["default"])


@pytest.mark.parametrize(("cls", "option", "facts"), ENUM_OPTIONS)
def test_constants_are_taken_by_value_and_by_exact_name(cls, option, facts):
    constants = getattr(config_module, facts["enum"])
    for name, value in vars(constants).items():
        if name.startswith("_"):
            continue
        made = cls()
        for given_value in (name, value):
            setattr(made, option, given_value)
            assert getattr(made, option) == value
        assert assign(cls, option, name.swapcase()) == "TypeError"


# ------------------------------------------------------------------------------------------- every option


@pytest.mark.parametrize(("cls", "option"), EVERY_OPTION)
def test_defaults_obey_their_own_rule(cls, option):
    default = getattr(cls(), option)
    if default is not None:
        assert assign(cls, option, default) == "ok"


@pytest.mark.parametrize(("cls", "option"), EVERY_OPTION)
def test_errors_name_the_option(cls, option):
    with pytest.raises((TypeError, ValueError), match=rf"^{option} must be .+, not "):
        setattr(cls(), option, object())


@pytest.mark.parametrize(("cls", "option"), EVERY_OPTION)
def test_help_documents_the_option(cls, option):
    doc = vars(cls)[option].__doc__
    assert doc.endswith(".")
    assert doc.split()[0] in pydoc.plain(pydoc.render_doc(cls))


@pytest.mark.parametrize("cls", OPTION_SETS)
def test_unknown_attributes_cannot_be_set(cls):
    with pytest.raises(AttributeError):
        cls().cluster_nam = "dev"


@pytest.mark.parametrize("cls", OPTION_SETS)
def test_objects_do_not_share_their_defaults(cls):
    one, other = cls(), cls()
    for option in cls.options:
        value = getattr(one, option)
        if isinstance(value, (list, dict, OptionSet)):
            assert value is not getattr(other, option)


def test_a_copy_is_independent():
    original = Config()
    copied = copy.copy(original)
    copied.cluster_name = "other"
    assert original.cluster_name == "dev"


def test_config_can_be_pickled():
    config = Config.from_dict({"cluster_name": "prod", "near_caches": {"m": {"max_idle": 3}}})
    copied = pickle.loads(pickle.dumps(config))
    assert copied.cluster_name == "prod"
    assert copied.near_caches["m"].max_idle == 3


# ------------------------------------------------------------------------------------------------ messages


def test_message_says_what_was_given_and_what_is_allowed():
    with pytest.raises(ValueError, match=r"^retry_jitter must be a number >= 0 and <= 1, not 1\.5$"):
        Config().retry_jitter = 1.5
    with pytest.raises(
        TypeError, match=r"^reconnect_mode must be one of ReconnectMode: OFF \(0\), ON \(1\), .*, not 'on'$"
    ):
        Config().reconnect_mode = "on"
    with pytest.raises(ValueError, match=r"^cluster_connect_timeout must be a number >= 0, or -1, not -2$"):
        Config().cluster_connect_timeout = -2


def test_message_clips_long_values():
    with pytest.raises(TypeError) as caught:
        Config().cluster_name = ["x" * 10_000]  # type: ignore[assignment]
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("option", ["creds_password", "ssl_password", "cloud_discovery_token"])
def test_secrets_are_not_shown(option):
    config = Config()
    setattr(config, option, "s3cret")
    assert repr(config) == f"Config({option}=***)"
    with pytest.raises(TypeError) as caught:
        setattr(config, option, ["s3cret"])
    assert "s3cret" not in str(caught.value)


def test_repr_shows_what_differs_from_the_defaults():
    assert repr(Config()) == "Config()"
    assert (
        repr(Config.from_dict({"labels": ["a"], "async_start": True}))
        == "Config(labels=['a'], async_start=True)"
    )


# ----------------------------------------------------------------------------------------------- from_dict


def test_from_dict_sets_options():
    config = Config.from_dict({"cluster_name": "prod", "ssl_protocol": "TLSv1_3"})
    assert config.cluster_name == "prod"
    assert config.ssl_protocol == SSLProtocol.TLSv1_3


@pytest.mark.parametrize("cls", OPTION_SETS)
def test_from_dict_refuses_unknown_options(cls):
    with pytest.raises(InvalidConfigurationError, match=f"^{cls.__name__} has no option 'zzz'"):
        cls.from_dict({"zzz": None})


@pytest.mark.parametrize(
    ("cls", "name", "hint"),
    [
        (Config, "cluster_nam", "; did you mean 'cluster_name'?"),
        (NearCacheConfig, "ttl", "; did you mean 'time_to_live'?"),
        (FlakeIdGeneratorConfig, "zzz", "; it has prefetch_count, prefetch_validity"),
        (Config, "zzz", ""),
    ],
)
def test_from_dict_suggests_the_option_that_was_meant(cls, name, hint):
    with pytest.raises(InvalidConfigurationError) as caught:
        cls.from_dict({name: "dev"})
    assert str(caught.value) == f"{cls.__name__} has no option {name!r}{hint}"


@pytest.mark.parametrize("make", [Config.from_dict, lambda options: hzclient.HazelcastClient(**options)])
def test_an_unknown_option_of_a_structure_names_the_structure(make):
    with pytest.raises(InvalidConfigurationError, match=r"^near_caches\['m'\]: NearCacheConfig has no"):
        make({"near_caches": {"m": {"ttl": 5}}})


@pytest.mark.parametrize("cls", [Config, IndexConfig])
def test_from_dict_skips_none(cls):
    made = cls.from_dict(dict.fromkeys(cls.options))
    assert repr(made) == repr(cls())


@pytest.mark.parametrize(
    ("cls", "option"),
    [
        (NearCacheConfig, "time_to_live"),
        (FlakeIdGeneratorConfig, "prefetch_count"),
        (ReliableTopicConfig, "overload_policy"),
        (BitmapIndexOptions, "unique_key"),
    ],
)
def test_from_dict_of_structures_does_not_skip_none(cls, option):
    with pytest.raises(TypeError, match=option):
        cls.from_dict({option: None})


# ---------------------------------------------------------------------------------------------- containers


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("cluster_members", ["a:5701"]),
        ("socket_options", [(1, 2, 3)]),
        ("labels", ["x"]),
        ("membership_listeners", [(print, None), (None, print), (print, print)]),
        ("lifecycle_listeners", [print]),
        ("data_serializable_factories", {1: {2: MyData}}),
        ("portable_factories", {1: {2: MyPortable}}),
        ("compact_serializers", [MyCompactSerializer()]),
        ("class_definitions", [ClassDefinitionBuilder(1, 2).build()]),
        ("custom_serializers", {MyData: MySerializer}),
    ],
)
def test_containers_are_kept_as_the_objects_they_are(option, value):
    config = Config()
    setattr(config, option, value)
    assert getattr(config, option) is value


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("membership_listeners", [(print,)]),
        ("membership_listeners", [(print, 5)]),
        ("membership_listeners", [[print, None]]),
        ("data_serializable_factories", {1: {2: MyPortable}}),
        ("data_serializable_factories", {"1": {2: MyData}}),
        ("data_serializable_factories", {1: {"2": MyData}}),
        ("data_serializable_factories", {1: {2: MyData()}}),
        ("portable_factories", {1: {2: MyData}}),
        ("compact_serializers", [MyCompactSerializer]),
        ("class_definitions", [ClassDefinition]),
        ("custom_serializers", {"MyData": MySerializer}),
        ("custom_serializers", {MyData: MySerializer()}),
        ("global_serializer", MySerializer()),
        ("global_serializer", MyData),
        ("load_balancer", RandomLB),
    ],
)
def test_containers_and_objects_of_the_wrong_kind_are_refused(option, value):
    with pytest.raises(TypeError, match=option):
        setattr(Config(), option, value)


@pytest.mark.parametrize(
    ("option", "cls", "fields"),
    [
        ("near_caches", NearCacheConfig, {"eviction_max_size": 7}),
        ("flake_id_generators", FlakeIdGeneratorConfig, {"prefetch_count": 7}),
        ("reliable_topics", ReliableTopicConfig, {"read_batch_size": 7}),
    ],
)
def test_options_of_structures_are_given_as_objects_or_dicts(option, cls, fields):
    as_object = cls.from_dict(fields)
    value = {"a": as_object, "b": fields}
    config = Config()

    setattr(config, option, value)

    stored = getattr(config, option)
    assert stored is not value
    assert stored["a"] is as_object
    assert repr(stored["b"]) == repr(as_object)


def test_errors_of_inner_options_name_the_inner_option():
    with pytest.raises(
        ValueError, match=r"^near_caches\['m'\]: eviction_max_size must be an int >= 1, not 0$"
    ):
        Config().near_caches = {"m": {"eviction_max_size": 0}}


def test_a_failed_assignment_changes_nothing():
    config = Config()
    config.heartbeat_interval = 7
    with pytest.raises(ValueError):
        config.heartbeat_interval = 0
    assert config.heartbeat_interval == 7


# ----------------------------------------------------------------------------------------- objects and more


def test_serializer_and_load_balancer():
    config = Config()
    balancer = RoundRobinLB()
    config.global_serializer = MySerializer
    config.load_balancer = balancer
    assert config.global_serializer is MySerializer
    assert config.load_balancer is balancer


def test_token_provider_needs_a_method_not_a_function():
    class Holder:
        def __init__(self) -> None:
            self.token = lambda address=None: b""

    Config().token_provider = BasicTokenProvider("x")
    with pytest.raises(TypeError, match="an object with the methods token"):
        Config().token_provider = Holder()  # type: ignore[assignment]


def test_address_provider_is_checked_by_its_methods():
    provider = MyAddressProvider()
    config = Config()
    config.address_provider = provider
    assert config.address_provider is provider
    with pytest.raises(TypeError, match="load_addresses, translate"):
        config.address_provider = BasicTokenProvider()  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("cls", "option", "default", "good", "bad"),
    [
        (Config, "max_in_flight_invocations", 0, [0, 1000], [(-1, ValueError), (1.5, TypeError)]),
        (Config, "in_flight_policy", InFlightPolicy.WAIT, ["RAISE", 0], [(2, TypeError)]),
        (Config, "cp_direct_to_leader_routing", False, [True], [(1, TypeError)]),
        (Config, "pickle_enabled", True, [False], [(0, TypeError)]),
        (
            Config,
            "pickle_allowed",
            None,
            [frozenset({"app.models.Order"})],
            [
                ("app.models.Order", TypeError),
                ([1], TypeError),
                (["Order"], ValueError),
                (["a. b"], ValueError),
            ],
        ),
        (Config, "bytes_type", 0, [1], [(2, TypeError), ("BYTES", TypeError), (None, TypeError)]),
        (Config, "ssl_min_protocol", None, ["TLSv1_2"], [(6, TypeError), ("TLSv9", TypeError)]),
        (Config, "ssl_max_protocol", None, [SSLProtocol.TLSv1_3], [(6, TypeError)]),
        (Config, "cloud_coordinator_url", None, ["https://localhost:1/"], [(1, TypeError)]),
        (Config, "event_queue_capacity", 100_000, [1], [(0, ValueError), ("x", TypeError)]),
        (NearCacheConfig, "reconciliation_interval", 60, [0, 30.5], [(-1, ValueError)]),
        (NearCacheConfig, "max_tolerated_misses", 0, [0, 10], [(-1, ValueError), (0.5, TypeError)]),
    ],
)
def test_options_beyond_the_official_api(cls, option, default, good, bad):
    assert getattr(cls(), option) == default
    assert "Beyond the official API." in vars(cls)[option].__doc__
    for value in good:
        assert assign(cls, option, value) == "ok"
    for value, error in bad:
        assert assign(cls, option, value) == error.__name__


def test_every_option_is_official_or_says_that_it_is_not():
    for cls in OPTION_SETS:
        official = OFFICIAL["classes"][cls.__name__]
        for option in cls.options:
            says = "Beyond the official API." in vars(cls)[option].__doc__
            assert says == (option not in official), option


def test_nan_is_outside_every_range():
    with pytest.raises(ValueError):
        Config().heartbeat_timeout = math.nan


@given(st.floats(allow_nan=True))
def test_jitter_takes_exactly_the_fractions(value):
    assert (assign(Config, "retry_jitter", value) == "ok") == (0 <= value <= 1)


# ------------------------------------------------------------------------------------------------- indexes


def test_index_arguments_are_options():
    index = IndexConfig("by-age", "HASH", ["age"], {"unique_key": "this"})
    assert (index.name, index.type, index.attributes) == ("by-age", IndexType.HASH, ["age"])
    assert index.bitmap_index_options.unique_key == QueryConstants.THIS_ATTRIBUTE_NAME


def test_add_attribute():
    index = IndexConfig()
    index.add_attribute("age")
    assert index.attributes == ["age"]
    assert IndexConfig().attributes == []


@pytest.mark.parametrize(
    ("attribute", "error"),
    [
        (None, AssertionError),
        ("", ValueError),
        (" \t", ValueError),
        ("a.", ValueError),
        ("a. ", ValueError),
        (1, AttributeError),
    ],
)
def test_attributes_are_checked(attribute, error):
    with pytest.raises(error):
        IndexUtil.validate_attribute(attribute)
    with pytest.raises(error):
        IndexConfig().add_attribute(attribute)
    with pytest.raises(error):
        IndexConfig(attributes=["a", attribute])


@pytest.mark.parametrize(
    ("attribute", "canonical"),
    [
        ("age", "age"),
        ("this.age", "age"),
        ("this.this.age", "this.age"),
        ("this", "this"),
        ("thisage", "thisage"),
        ("a.this.b", "a.this.b"),
    ],
)
def test_canonical_attributes(attribute, canonical):
    assert IndexUtil.canonicalize_attribute(attribute) == canonical


def test_index_gets_a_name():
    index = IndexConfig(type="SORTED", attributes=["this.age", " name "])
    normalized = IndexUtil.validate_and_normalize("people", index)
    assert normalized.attributes == ["age", "name"]
    assert normalized.name == "people_sorted_age_name"
    assert index.name is None
    assert index.attributes == ["this.age", " name "]


@pytest.mark.parametrize(("given_name", "name"), [("mine", "mine"), ("", "m_hash_a"), ("  ", "m_hash_a")])
def test_index_keeps_a_name_that_is_not_blank(given_name, name):
    index = IndexConfig(given_name, IndexType.HASH, ["a"])
    assert IndexUtil.validate_and_normalize("m", index).name == name


def test_bitmap_index_keeps_its_options():
    options = BitmapIndexOptions("this", "RAW")
    normalized = IndexUtil.validate_and_normalize("m", IndexConfig(None, "BITMAP", ["a"], options))
    assert normalized.name == "m_bitmap_a"
    assert repr(normalized.bitmap_index_options) == repr(options)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (IndexConfig(), "1 to 255 attributes, not 0"),
        (IndexConfig(attributes=[f"a{i}" for i in range(256)]), "1 to 255 attributes, not 256"),
        (IndexConfig(attributes=["a", "this.a"]), "'a' and 'this.a' are the same"),
        (IndexConfig(type="BITMAP", attributes=["a", "b"]), "only one attribute"),
    ],
)
def test_indexes_that_members_would_refuse(index, message):
    with pytest.raises(ValueError, match=message):
        IndexUtil.validate_and_normalize("m", index)


def test_the_largest_index():
    attributes = [f"a{i}" for i in range(255)]
    assert IndexUtil.validate_and_normalize("m", IndexConfig(attributes=attributes)).attributes == attributes
