"""RSA2 over the text that came: what Alipay's own SDK signs holds here, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from ridecode.core import BadInputError
from ridecode.money.channels.alipay.signing import Rsa2, signed_member, sorted_text

# Made for this test, with signatures by alipay-sdk-python 3.7.1411, and used nowhere else.
PRIVATE = b"""-----BEGIN RSA PRIVATE KEY-----
MIIEoAIBAAKCAQEAqdjHOSZRnGYRgrpEAXUke1nqY/JgtqUQuevxY5JRsovabNoo
3tXmfp7POH1AODOY+BZtolMwO0llfHXs4gSwD1Flx721XapkfvTvUwbi+oeOG/X+
7L0Tdad2Cu64oAfgjkzkUxwJV71RfETjPJPXjAtlMt6Dac9PUg+wcFa5I/qShBXp
2/V2e1X6Vgo/gW2FPNb4fMvBMQdwoz5+TqPJiKrMu6MJHGGyOyv+anXeAV1iOSsF
++xW8A6wSs0kGeEx9CPLL4Qi3zPOCi7LRy5WThY/mDD5V7WnXwRFGRU0RVKfn/cd
iKuPycsR47ed4ovXr8yhAQeGBcJMvh8r9FY80QIDAQABAoH/W+Nr5P9WJ8cQsikT
obY+hn2e0XPP3wBujCeZ8MS4bmA7S6i7c9NFYDuK4ITiuYUwvQdlSOy4q1qKDUu/
XIgsuBzRc76u4H3O4OCimcigA+pSd84enPWuEXkH4+JDAFFCq7ntzQjeBRnne9PJ
HHzfoGSJ23uGnTgLMdpLGnvQriV+QK+lxyYvMi6TTqEp52vNoxwy7MzXIlVMazpZ
tIT2vyqoK/tvl2GDFNT/9/vEMrdPYfF9eQheBYoVQuLqSjQicoDNXu5IfMgjHjAj
3EJ/AisX53MwMEOnWTS4NTsBiakbKHSUqe12Z6B2P/z1ZHU/+wWeQpkWQJRUbbWk
XBnjAoGBAPAQ8Q0vrxVlmTpcguvWR3vkFtUINZFvThviLnBI6s612O9x/QJzQV8R
q+rN3KlrxEH4hCFCAz9p3tAZtSZSG7l+I2AwmL9UfU+9/xlrka+NN7WxNkV/PSuA
gBE44C9AsMslgRlUfHKJZLf4Cb4TXoWylysfaWos+EeNaOLitnNrAoGBALUetiTT
d25PSLmGjO0Fj+9cm3lXA6ykwNlfDMjU+zV6x+Bb4Az+fXoMNupkQPkZyhfApUfE
9WbnZjWV4vyHyGIAYBKBuTK2B5dvoOSZQWwIpuYv6PjnWG3MSsb7GdKdvUovfPf4
GLNHoNJK9n/qIfeIQjdwd5NYBQRAWbx21duzAoGAVIwS6Sr3BZkfiu9T6I0x5c8h
v2tBunOx1Z4l7sOvdpeSzFmf2sIOrtXBb1OLOFvM5dMJbdEa5bV6lF3Jb7KRMxXa
jaDv2sp9y5zFgAVjbKlWinXcAEPcnjqGYApg4iNtYE5YFjysC4aZ4zTG8ZtOudV4
6eYJMSyfUEvcObPQv/sCgYBtpOvrG0E/vCtwdK23hxh9dPiB2lVVHF/Kt6nLonN5
Cp0Zi0T1WNKpId/UwWA77IrVGkB0VB2jcA4F/njtG14JReTjDzkII/4whNlHyic6
uXof+3zzwUldHsFd+ADH6cn/sQPcMYrybThEVjEnepuZeBlt6l3ZCv3udu5cEyyf
1QKBgCPTvegrDx6C3amDsgiO7anNtKWMu6FxV++7XYAnPSYYr+jMG/09CmsjMI4F
Lpksr2QVkIwvbG9wWnQn94k5pP48RrZW6vh5bLLXpLKnz6sBQd68lLFBFBFK/+Ou
9OX36ZGg4h84cVJnYm/snCJG57X/zHEQxsIPmZbfIMVgT5SW
-----END RSA PRIVATE KEY-----
"""
PUBLIC = b"""-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqdjHOSZRnGYRgrpEAXUk
e1nqY/JgtqUQuevxY5JRsovabNoo3tXmfp7POH1AODOY+BZtolMwO0llfHXs4gSw
D1Flx721XapkfvTvUwbi+oeOG/X+7L0Tdad2Cu64oAfgjkzkUxwJV71RfETjPJPX
jAtlMt6Dac9PUg+wcFa5I/qShBXp2/V2e1X6Vgo/gW2FPNb4fMvBMQdwoz5+TqPJ
iKrMu6MJHGGyOyv+anXeAV1iOSsF++xW8A6wSs0kGeEx9CPLL4Qi3zPOCi7LRy5W
ThY/mDD5V7WnXwRFGRU0RVKfn/cdiKuPycsR47ed4ovXr8yhAQeGBcJMvh8r9FY8
0QIDAQAB
-----END PUBLIC KEY-----
"""
RSA2 = Rsa2(PRIVATE, PUBLIC)

PARAMETERS = {
    "version": "1.0", "app_id": "2018000000000001", "method": "alipay.trade.query",
    "format": "json", "charset": "utf-8", "sign_type": "RSA2",
    "timestamp": "2018-09-03 08:00:00",
    "biz_content": '{"out_trade_no":"0165a0b1c2d3e4f5","subject":"984路公交"}',
}  # fmt: skip
SIGNED_BY_SDK = (
    "ml4Xc68Qs88EeydNRcuU+rLKwWwcJlOD1MpMPRnblC49ubzTqjYwalhv4IQmyhrXNTi9Y6FmiYXL0yI0V7/tigng"
    "gRKnYy7jXTKMrY4Ncc6EtlZIlAhjJpz+vEsvSu4m0yAWznCF2hoJxW1qTlsi/Kl0KzqdEajfJ317kb1sl6SUHZ7v"
    "9yDRNL4hr14uNmZrPEGC7lu3o7EplOqJKXhM1A5l5WGys8v/8c0okxoPj9YGJpY62aaRlgIWIDkaIjcOTJi5XRQu"
    "K9fy48t/MKhKDvD5S/H3U8TjktVus3ahgiZSybkH/ue8NuxdH7od3odRa2ul/YK+iwE1WhaBml5UFw=="
)
NODE = (
    r'{"code":"10000","msg":"Success","out_trade_no":"0165a0b1","trade_status":"TRADE_SUCCESS",'
    r'"total_amount":"3.00","subject":"\"984路\" }, \"sign\":\"x"}'
).encode()
NODE_BY_SDK = (
    "D1liBJk1V8NsvTuaosklVZENvlBeyRDrf9eTYSVP3FlnPqMN2JthQon+NnRg20CwCUtGh8Y5run/EvBJM0LqW1+w"
    "fXua3MiidNETLBNE4IxsMnoT+p9QEts9iMu+UJ0BoUFm+dHOC/ZNIycmQtoHv1+mPRGhtD3haxsjc6Y12T1DEBTZ"
    "VYRtTvDkC28kIt/FPO5cpvk07DO4Af7417uBNDyfwRbQQdoXqcpzlHqxsTLkzKoUw2oP5VpBqJChAHf4PcgNWLIi"
    "oH3kN5pKen5Ulr+MDgwdEDCrcwKex54FoBKaHtacxL32S4HSBes8NRAUiN91nChBYGyfwIw452O0fA=="
)


def test_a_request_is_signed_as_the_sdk_signs_it() -> None:
    assert RSA2.sign(sorted_text(PARAMETERS)) == SIGNED_BY_SDK


def test_an_answer_that_the_sdk_signed_holds_by_its_bytes_alone() -> None:
    body = b'{"alipay_trade_query_response":%s,"sign":"%s"}' % (NODE, NODE_BY_SDK.encode())
    assert signed_member(body, "alipay_trade_query_response") == (NODE, NODE_BY_SDK)
    assert RSA2.holds(NODE, NODE_BY_SDK)
    assert not RSA2.holds(json.format(NODE), NODE_BY_SDK)


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=5))
def test_what_is_signed_holds_and_nothing_beside_it(text: bytes, more: bytes) -> None:
    signature = RSA2.sign(text)
    assert RSA2.holds(text, signature)
    assert not RSA2.holds(text + more, signature)
    assert not RSA2.holds(text, "AAAA" + signature[4:])
    assert not RSA2.holds(text, " " + signature)


@given(st.text(max_size=400))
def test_noise_is_no_signature(signature: str) -> None:
    assert not RSA2.holds(b"text", signature)


def test_parameters_are_sorted_by_name_and_stand_as_they_are() -> None:
    told = {"b": "2 3", "a_b": "", "a": "=&%", "B": "中"}
    assert sorted_text(told) == "B=中&a==&%&a_b=&b=2 3".encode()


HOSTILE = [
    ("plain", '{"x_response":{"code":"1"},"sign":"s"}', '{"code":"1"}'),
    ("blanks around", '{ "x_response" :\n {"a": 1 }\t, "sign" : "s" }', '{"a": 1 }'),
    ("the signature first", '{"sign":"s","x_response":{}}', "{}"),
    ("the same name within", '{"x_response":{"x_response":{"a":1}},"sign":"s"}',
     '{"x_response":{"a":1}}'),
    ("a signature within", '{"x_response":{"sign":"t"},"sign":"s"}', '{"sign":"t"}'),
    ("a signature beside", '{"x_response":{},"y":{"sign":"t"},"sign":"s"}', "{}"),
    ("braces and quotes in a text", r'{"x_response":{"a":"},\"sign\":\"t\\"},"sign":"s"}',
     r'{"a":"},\"sign\":\"t\\"}'),
    ("Chinese, and escaped", r'{"x_response":{"a":"路\u8def\/"},"sign":"s"}',
     r'{"a":"路\u8def\/"}'),
    ("an escaped name", r'{"x_r\u0065sponse":{},"sign":"s"}', "{}"),
    ("twice, and the last is read", '{"x_response":{"a":1},"x_response":{"a":2},"sign":"s"}',
     '{"a":2}'),
    ("the gateway refuses", '{"error_response":{"code":"40002"},"sign":"s"}', '{"code":"40002"}'),
    ("a text, as of encrypted answers", '{"x_response":"abc","sign":"s"}', '"abc"'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "node"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE]
)
def test_the_bytes_that_are_signed_are_found(body: str, node: str) -> None:
    assert signed_member(body.encode(), "x_response") == (node.encode(), "s")


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b'{"x_response":{}}', b'{"sign":"s"}', b"\xff\xfe",
     b'{"x_response":{},"sign":1}', b'{"y_response":{},"sign":"s"}', b'{"x_response":{,"sign":"s"}',
     b'{"x_response":{},"sign":"s"} ,', b'{"x_response":' * 100_000, b"[" * 100_000],
    ids=range(13),
)  # fmt: skip
def test_what_is_no_answer_has_no_signed_bytes(body: bytes) -> None:
    assert signed_member(body, "x_response") is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["x_response", "sign", "a"]), inner, max_size=3)
    ),
)
BLANKS = st.text(" \t\n\r", max_size=3).map(str.encode)


@given(VALUES, BLANKS, st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), VALUES), max_size=3))
def test_whatever_stands_in_an_answer_its_bytes_are_found(
    value: object, blank: bytes, beside: list[tuple[str, object]]
) -> None:
    node = json.encode(value)
    parts = [b'"x_response"' + blank + b":" + blank + node + blank, b'"sign":"s"']
    parts += [json.encode(name) + b":" + json.encode(one) for name, one in beside]
    for ordered in (parts, parts[::-1]):
        body = b"{" + blank + b",".join(ordered) + b"}"
        assert signed_member(body, "x_response") == (node, "s")


@given(st.binary(max_size=80) | st.binary(max_size=40).map(lambda noise: b'{"x_response":' + noise))
def test_noise_is_no_answer(body: bytes) -> None:
    assert signed_member(body, "x_response") is None


@pytest.mark.parametrize(
    ("private", "public"), [(b"", PUBLIC), (PRIVATE, b""), (PUBLIC, PUBLIC), (PRIVATE, PRIVATE)]
)
def test_keys_that_are_none_are_told(private: bytes, public: bytes) -> None:
    with pytest.raises(BadInputError, match="PEM"):
        Rsa2(private, public)
