"""Decoding JSON into kinds: what Go's decoder keeps, drops, warns of and refuses."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimachinery.schema.bundle import load_bundle
from apimachinery.schema.decoder import (
    DecodeError,
    Decoder,
    FieldValidation,
    JSONParser,
    StrictDecodeError,
    without_nulls,
)

JSONObject = dict[str, Any]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def decoder(kind: str) -> Decoder:
    bundle = load_bundle()
    return Decoder(bundle, bundle.kind(*kind.rsplit("/", 1)))


POD, NODE, LEASE = decoder("v1/Pod"), decoder("v1/Node"), decoder("coordination.k8s.io/v1/Lease")


def container(**fields: Any) -> JSONObject:
    return {"spec": {"containers": [{"name": "a", **fields}]}}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(
            {"spec": {"containers": "x"}},
            "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container",
            id="text for a list",
        ),
        pytest.param(
            {"spec": []},
            "json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec",
            id="list for an object",
        ),
        pytest.param(
            {"metadata": {"labels": {"a": 1}}},
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
            id="number for a label",
        ),
        pytest.param(
            {"metadata": {"name": 1}},
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string",
            id="number for text",
        ),
        pytest.param(
            {"spec": {"hostNetwork": "true"}},
            "json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool",
            id="text for a flag",
        ),
        pytest.param(
            {"spec": {"terminationGracePeriodSeconds": "30"}},
            "json: cannot unmarshal string into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type "
            "int64",
            id="text for a number",
        ),
        pytest.param(
            {"spec": {"terminationGracePeriodSeconds": 1.5}},
            "json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type "
            "int64",
            id="fraction",
        ),
        pytest.param(
            {"spec": {"priority": 2**31}},
            "json: cannot unmarshal number 2147483648 into Go struct field PodSpec.spec.priority of type int32",
            id="out of range",
        ),
        pytest.param(
            {"spec": {"priority": True}},
            "json: cannot unmarshal bool into Go struct field PodSpec.spec.priority of type int32",
            id="a flag is no number",
        ),
        pytest.param(
            container(resources={"requests": {"cpu": "1 core"}}),
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            id="no quantity",
        ),
        pytest.param(
            {"metadata": {"creationTimestamp": "yesterday"}},
            'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
            id="no time",
        ),
    ],
)
def test_wrong_types(value: JSONObject, said: str) -> None:
    for validation in FieldValidation:
        with pytest.raises(DecodeError) as raised:
            POD.decode(value, validation)
        assert str(raised.value) == said


@pytest.mark.parametrize(
    ("value", "read"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param(
            container(resources={"limits": {"cpu": 1, "memory": "1024Mi", "x/y": 0.5}}),
            container(resources={"limits": {"cpu": "1", "memory": "1Gi", "x/y": "500m"}}),
            id="quantities become canonical",
        ),
        pytest.param(
            {"metadata": {"creationTimestamp": "2026-01-31T12:00:00.5+02:00"}},
            {"metadata": {"creationTimestamp": "2026-01-31T10:00:00Z"}},
            id="times are cut to seconds in UTC",
        ),
        pytest.param(
            container(livenessProbe={"httpGet": {"port": "web"}, "periodSeconds": 1}),
            container(livenessProbe={"httpGet": {"port": "web"}, "periodSeconds": 1}),
            id="ports by name",
        ),
        pytest.param(
            container(livenessProbe={"httpGet": {"port": 80}}),
            container(livenessProbe={"httpGet": {"port": 80}}),
            id="ports by number",
        ),
        pytest.param({"spec": {"nodeSelector": {"": ""}}}, {"spec": {"nodeSelector": {"": ""}}}, id="empty keys"),
    ],
)
def test_what_is_kept(value: JSONObject, read: JSONObject) -> None:
    decoded = POD.decode(value, FieldValidation.STRICT)
    assert decoded.object == read
    assert decoded.problems == ()


def test_micro_times_keep_their_fractions() -> None:
    spec = {"renewTime": "2026-01-31T12:00:00.5Z"}
    assert LEASE.decode({"spec": spec}, FieldValidation.STRICT).object["spec"] == {
        "renewTime": "2026-01-31T12:00:00.500000Z"
    }


@pytest.mark.parametrize("port", [True, 1.5, {}, 2**31])
def test_what_is_neither_number_nor_text(port: Any) -> None:
    with pytest.raises(DecodeError, match=r"intstr\.IntOrString|int32"):
        POD.decode(container(livenessProbe={"httpGet": {"port": port}}), FieldValidation.IGNORE)


UNKNOWN: JSONObject = {
    "spec": {"unknownField": 1, "containers": [{"name": "a", "imagee": "x"}, {"name": "b"}]},
    "statuss": {},
}
KNOWN: JSONObject = {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}
PROBLEMS = {
    'unknown field "spec.unknownField"',
    'unknown field "spec.containers[0].imagee"',
    'unknown field "statuss"',
}


class TestUnknownFields:
    def test_strict_refuses_and_names_them_all(self) -> None:
        with pytest.raises(StrictDecodeError) as raised:
            POD.decode(UNKNOWN, FieldValidation.STRICT)
        assert set(raised.value.problems) == PROBLEMS
        assert str(raised.value).startswith("strict decoding error: ")

    def test_warn_drops_and_tells(self) -> None:
        decoded = POD.decode(UNKNOWN, FieldValidation.WARN)
        assert (decoded.object, set(decoded.problems)) == (KNOWN, PROBLEMS)

    def test_ignore_drops_without_a_word(self) -> None:
        decoded = POD.decode(UNKNOWN, FieldValidation.IGNORE)
        assert (decoded.object, decoded.problems) == (KNOWN, ())

    def test_a_wrong_type_counts_more(self) -> None:
        with pytest.raises(DecodeError):
            POD.decode({"unknown": 1, "spec": 1}, FieldValidation.STRICT)

    def test_the_value_is_not_changed(self) -> None:
        POD.decode(UNKNOWN, FieldValidation.IGNORE)
        assert "statuss" in UNKNOWN


class TestKnown:
    """What has been decoded before is neither checked nor copied."""

    KNOWN = POD.decode({"metadata": {"name": "p"}, **container(image="x")}, FieldValidation.STRICT).object

    def test_what_is_the_very_same_is_shared(self) -> None:
        value = {**self.KNOWN, "status": {"conditions": [{"lastTransitionTime": "2026-01-01T01:00:00+01:00"}]}}
        decoded = POD.decode(value, FieldValidation.STRICT, self.KNOWN).object
        assert decoded["spec"] is self.KNOWN["spec"]
        assert decoded["status"] == {"conditions": [{"lastTransitionTime": "2026-01-01T00:00:00Z"}]}

    def test_what_differs_is_checked(self) -> None:
        with pytest.raises(DecodeError, match=r"PodSpec\.spec\.priority of type int32"):
            POD.decode({**self.KNOWN, "spec": {"priority": "x"}}, FieldValidation.WARN, self.KNOWN)

    def test_unknown_fields_go(self) -> None:
        decoded = POD.decode({**self.KNOWN, "statuss": {}}, FieldValidation.WARN, self.KNOWN)
        assert (decoded.object, decoded.problems) == (self.KNOWN, ('unknown field "statuss"',))


class TestParsing:
    @pytest.mark.parametrize(
        ("body", "problems"),
        [
            pytest.param(b'{"a": 1, "a": 2}', ['duplicate field "a"'], id="top"),
            pytest.param(b'{"spec": {"b": 1, "b": 1, "b": 2}}', ['duplicate field "spec.b"'], id="three times"),
            pytest.param(
                b'{"l": [{"x": 1, "x": 2}], "s": {"y": 1, "y": 2}}',
                ['duplicate field "l[0].x"', 'duplicate field "s.y"'],
                id="nested",
            ),
            pytest.param(b'{"a": {"x": 1}, "b": {"x": 1}}', [], id="none"),
            pytest.param(b'{"\\u0062": 1, "b": 2}', ['duplicate field "b"'], id="spelled in two ways"),
            pytest.param(b'{"a": 1, "a": "\\u0022"}', ['duplicate field "a"'], id="beside an escaped quote"),
            pytest.param(b'{"a": 1, "a": 99999999999999999999}', ['duplicate field "a"'], id="beside a huge number"),
        ],
    )
    def test_duplicates_are_found_and_the_last_counts(self, body: bytes, problems: list[str]) -> None:
        value, found = JSONParser().parse(body)
        assert found == problems
        assert JSONParser().parse(body.replace(b"1", b"2"))[0] == value or not problems

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b'{"a":123456789012345678901,"b":-9223372036854775809}', id="huge"),
            pytest.param(b'{"a":1e5,"b":1.50,"c":-0}', id="oddly written"),
            pytest.param(b'{"a":"\\ud800","b":"\\u00e9"}', id="escapes"),
            pytest.param(b'\n{ "a b" : [ 1 , "\\\\ \\"" ] }\r\n', id="white space"),
            pytest.param(b"[" * 300 + b"]" * 300, id="deep"),
            pytest.param(b"null", id="null"),
        ],
    )
    def test_nothing_is_lost(self, body: bytes) -> None:
        value, problems = JSONParser().parse(body)
        assert (repr(value), problems) == (repr(json.loads(body)), [])

    @given(value=JSON, compact=st.booleans(), plain=st.booleans(), indent=st.sampled_from([None, 1]))
    def test_any_spelling_reads_the_same(self, value: Any, compact: bool, plain: bool, indent: int | None) -> None:
        separators = (",", ":") if compact else (", ", ": ")
        body = json.dumps(value, separators=separators, ensure_ascii=plain, indent=indent).encode()
        assert JSONParser().parse(body) == (value, [])

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (b"", "unexpected end of JSON input"),
            (b'{"a": ', "unexpected end of JSON input"),
            (b'{"a"', "unexpected end of JSON input"),
            (b"{a: 1}", "invalid character 'a'"),
            (b'{"a": 1,}', "invalid character"),
            (b'{"a": NaN}', "invalid character 'N' looking for beginning of value"),
            (b'{"a": -Infinity}', "invalid character '-' looking for beginning of value"),
            (b'{"a": 1} x', "invalid character 'x'"),
            (b'{"a": "\xff"}', "invalid UTF-8"),
            (b"[" * 100_000, "exceeded max depth"),
            (b"apiVersion: v1", "invalid character 'a'"),
            (b'{"a": "\x01"}', "invalid character"),
        ],
    )
    def test_bad_json(self, body: bytes, said: str) -> None:
        with pytest.raises(DecodeError, match=said):
            JSONParser().parse(body)

    def test_a_parser_forgets_the_body_before(self) -> None:
        parser = JSONParser()
        parser.parse(b'{"a": 1, "a": 2}')
        assert parser.parse(b'{"a": 1}') == ({"a": 1}, [])


def test_nulls_are_not_given() -> None:
    assert without_nulls({"a": None, "b": [{"c": None}, None], "d": {"e": {}}}) == {"b": [{}, None], "d": {"e": {}}}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        pytest.param({"items": "x"}, "v1.JSONSchemaProps", id="items"),
        pytest.param(
            {"items": {"required": "a"}}, "Go struct field JSONSchemaProps.required of type []string", id="in"
        ),
        pytest.param({"items": [{"type": 5}]}, "Go struct field JSONSchemaProps.type of type string", id="in-a-list"),
        pytest.param({"items": {"items": {"type": 5}}}, "JSONSchemaProps.type of type string", id="deeper"),
        pytest.param({"additionalProperties": "x"}, "boolean or JSON schema expected", id="neither"),
        pytest.param({"dependencies": {"a": [1]}}, "of type string", id="dependencies"),
        pytest.param({"additionalProperties": {"minimum": "3"}}, "of type float64", id="text-for-a-number"),
    ],
)
def test_schemas_inside_schemas_have_types_too(schema: dict[str, Any], message: str) -> None:
    with pytest.raises(DecodeError, match=re.escape(message)):
        schema_decoder().decode(schema, FieldValidation.STRICT)


def test_schemas_inside_schemas_are_kept_as_they_are() -> None:
    schema = {
        "items": {"type": "array", "items": {"type": "string"}},
        "additionalProperties": True,
        "dependencies": {"a": ["b"], "c": {"type": "object"}},
    }
    assert schema_decoder().decode(schema, FieldValidation.STRICT).object == schema


def schema_decoder() -> Decoder:
    bundle = load_bundle()
    struct = bundle.struct("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps")
    assert struct is not None
    return Decoder(bundle, struct)
