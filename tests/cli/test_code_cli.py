"""`ridecode code`: exit codes, the shape of the JSON, errors with a remedy, what people see."""

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier
from typing import Any, NamedTuple

import pytest

from ridecode.cli import main
from ridecode.cli.phones import new_phone
from ridecode.code import Root, symbol
from ridecode.store import Vault
from tests.code import forge
from tests.code.test_published import REAL_CERTIFICATE, REAL_ROOT, VECTOR_A

NOW = "1535724890"
VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "ride_code.json").read_text(encoding="utf-8")
)["vectors"]


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line as a shell calls it, in this process."""

    def ran(*arguments: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setenv("COLUMNS", "90")
        monkeypatch.setattr(sys, "argv", ["ridecode", "code", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Ran(left.value.code, said.out, said.err)

    return ran


@pytest.fixture
def phone(run: Run, tmp_path: Path) -> Path:
    """A data folder with the phone `anna`, authorised on 31 August 2018."""
    assert run("issue", "--phone", "anna", "--data", tmp_path, "--now", NOW).code == 0
    return tmp_path


def root_of(run: Run, data: Path) -> str:
    return str(run("ca", "--data", data, "--now", NOW, "--json").json["root"])


def code_of(run: Run, data: Path, *more: str) -> str:
    made = run("present", "--phone", "anna", "--data", data, "--now", NOW, *more, "--json")
    return str(made.json["code"])


# --- ca -----------------------------------------------------------------------------------------


def test_the_authority_is_made_once_and_shown_again(run: Run, tmp_path: Path) -> None:
    first = run("ca", "--data", tmp_path, "--json")
    again = run("ca", "--data", tmp_path, "--json")
    assert first.code == again.code == 0
    assert first.json == again.json
    assert Root.parse(bytes.fromhex(first.json["root"])).is_test
    assert first.json["test_root"] is True
    assert [issuer["number"] for issuer in first.json["issuers"]] == ["02215840", "02205810"]
    assert all(len(issuer["certificate"]) == 234 for issuer in first.json["issuers"])


def test_renewed_it_has_another_root(run: Run, tmp_path: Path) -> None:
    first = run("ca", "--data", tmp_path, "--json").json
    renewed = run("ca", "--renew", "--data", tmp_path, "--json").json
    assert (first["root_index"], renewed["root_index"]) == (1, 2)
    assert run("ca", "--data", tmp_path, "--json").json == renewed


def test_people_see_root_and_certificates_in_both_languages(run: Run, tmp_path: Path) -> None:
    record = run("ca", "--data", tmp_path, "--json").json
    said = run("ca", "--data", tmp_path).out
    assert record["root"] in said
    assert record["issuers"][0]["certificate"] in said
    assert "测试根证书 · Test root" in said
    assert "深圳通 · Shenzhen Tong" in said


def test_no_private_key_is_printed_or_left_in_clear(run: Run, phone: Path) -> None:
    vault = Vault.open(phone)
    secrets = [vault.get(name) for name in vault.names() if name.endswith("/key")]
    said = run("ca", "--data", phone, "--json").out + code_of(run, phone)
    files = [file.read_bytes() for file in phone.rglob("*") if file.is_file()]
    assert len(secrets) == 4
    for secret in secrets:
        assert secret.hex() not in said
        assert not any(secret in content or secret.hex().encode() in content for content in files)


# --- issue and present --------------------------------------------------------------------------


def test_a_phone_gets_fields_1_to_15(run: Run, tmp_path: Path) -> None:
    asked = ("issue", "--phone", "anna", "--data", tmp_path, "--now", NOW, "--json")
    first, again = run(*asked), run(*asked)
    assert first.code == 0
    assert len(first.json["authorisation"]) == 2 * 263
    assert first.json["issuer"] == "02215840"
    assert first.json["card_account"].startswith("31048704")
    assert first.json["until"] == "2018-09-01T14:14:50+00:00"
    assert again.json["user_key"] == first.json["user_key"], "the phone keeps its key"
    assert again.json["card_account"] == first.json["card_account"]


def test_a_foreign_key_is_authorised_and_not_kept(run: Run, tmp_path: Path) -> None:
    key = "0240fe1d2084a7eb18c6270952e3e642be6e9c74a74c41bcb1dd329179216d26c8"
    issued = run("issue", "--user-key", key, "--data", tmp_path, "--json")
    assert issued.json["user_key"] == key
    assert issued.json["authorisation"][2 * 158 : 2 * 191] == key
    assert not (tmp_path / "phones").exists()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ((), "Whose key"),
        (("--phone", "a", "--user-key", "02"), "Whose key"),
        (("--user-key", "xy"), "--user-key is not hexadecimal"),
        (("--user-key", "02" + "00" * 31), "compressed point of 33 bytes"),
        (("--user-key", "02" + "00" * 31 + "05"), "not a point"),
        (("--phone", "../anna"), "no phone's name"),
        (("--phone", "a", "--account-type", "0"), "Account type 0"),
        (("--phone", "a", "--account-type", "256"), "account type"),
        (("--phone", "a", "--card-account", "1"), "19 digits"),
        (("--phone", "a", "--limit", "-1"), "limit"),
        (("--phone", "a", "--validity", "1201"), "1200"),
        (("--phone", "a", "--hours", "100000000"), "end of authorisation"),
        (("--phone", "a", "--city", "atlantis"), "atlantis"),
    ],
)
def test_what_cannot_be_authorised_is_named(
    run: Run, tmp_path: Path, options: Sequence[str], what: str
) -> None:
    ran = run("issue", "--data", tmp_path, *options, "--json")
    assert ran.code == (3 if "atlantis" in options else 2)
    assert what in ran.err
    assert ran.out == ""


def test_a_code_is_made_now_and_accepted_by_its_root(run: Run, phone: Path) -> None:
    made = run("present", "--phone", "anna", "--data", phone, "--now", NOW, "--json").json
    assert made["made"] == "2018-08-31T14:14:50+00:00"
    assert made["good_until"] == "2018-08-31T14:15:50+00:00"
    judged = run("verify", "--hex", made["code"], "--root", root_of(run, phone),
                 "--now", NOW, "--json")  # fmt: skip
    assert (judged.code, judged.json["verdict"]) == (0, "ACCEPTED")
    assert judged.json["fields"]["card_account"] == made["card_account"]


def test_in_a_pipe_the_code_is_hex_and_verify_reads_it(run: Run, phone: Path) -> None:
    shown = run("present", "--phone", "anna", "--data", phone, "--now", NOW).out
    assert len(bytes.fromhex(shown)) == 332
    piped = run("verify", "--root", root_of(run, phone), "--now", NOW, stdin=shown.encode())
    assert piped.code == 0


def test_the_pictures_hold_the_code(run: Run, phone: Path) -> None:
    png, svg = phone / "made" / "code.png", phone / "code.svg"
    code = code_of(run, phone, "--png", str(png), "--svg", str(svg))
    assert symbol.read(png.read_bytes()) == [bytes.fromhex(code)]
    assert svg.read_text().startswith("<svg")
    judged = run("verify", "--picture", png, "--root", root_of(run, phone), "--now", NOW, "--json")
    assert judged.json["verdict"] == "ACCEPTED"


def test_a_picture_goes_into_a_pipe_or_device_and_does_not_take_its_place(
    run: Run, phone: Path
) -> None:
    os.mkfifo(phone / "pipe")
    reader = os.open(phone / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    code = code_of(run, phone, "--png", str(phone / "pipe"))
    picture = os.read(reader, 1 << 16)
    os.close(reader)
    assert symbol.read(picture) == [bytes.fromhex(code)]


def test_a_picture_that_cannot_be_written_leaves_nothing(run: Run, phone: Path) -> None:
    before = sorted(phone.rglob("*"))
    (phone / "taken").mkdir()
    present = ("present", "--phone", "anna", "--data", phone, "--png", phone / "taken")
    assert run(*present).code == 2
    assert sorted(phone.rglob("*")) == sorted([*before, phone / "taken"])


def test_an_authorisation_that_cannot_be_read_is_told(run: Run, phone: Path) -> None:
    file = phone / "phones" / "anna.hex"
    file.unlink()
    file.mkdir()
    ran = run("present", "--phone", "anna", "--data", phone)
    assert ran.code == 2
    assert "anna.hex cannot be read" in ran.err


def test_two_that_make_one_phone_give_it_one_key(tmp_path: Path) -> None:
    both = Barrier(2)

    def made(name: str) -> bytes:
        vault = Vault.open(tmp_path)
        both.wait(timeout=20)
        return new_phone(vault, name)

    with ThreadPoolExecutor(2) as makers:
        for number in range(5):
            one, other = makers.map(made, [f"phone-{number}"] * 2)
            assert one == other


def test_a_person_sees_the_symbol_in_80_columns(phone: Path) -> None:
    """In a real terminal, as a process of its own."""
    ours, theirs = pty.openpty()
    program = "from ridecode.cli import main; main()"
    arguments = ("code", "present", "--phone", "anna", "--data", str(phone), "--now", NOW)
    left = subprocess.run(
        [sys.executable, "-c", program, *arguments], stdin=theirs, stdout=theirs, timeout=60,
        env=os.environ | {"COLUMNS": "80", "TERM": "xterm-256color"}, check=False,
    )  # fmt: skip
    os.close(theirs)
    shown = _all_of(ours)
    assert left.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    rows = [line for line in plain if set(line) <= set(" ▀▄█") and line.strip()]
    assert (len(rows), {len(row) for row in rows}) == (33, {73})
    assert "有效至 good until" in shown


def _all_of(terminal: int) -> str:
    parts = []
    with suppress(OSError):  # a terminal that nobody writes to any more ends so
        while part := os.read(terminal, 65_536):
            parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode()


@pytest.mark.parametrize("phone_name", ["nobody", "Anna", "../anna", ""])
def test_a_phone_that_is_not_there_has_a_remedy(run: Run, tmp_path: Path, phone_name: str) -> None:
    ran = run("present", "--phone", phone_name, "--data", tmp_path, "--json")
    assert ran.code == (3 if phone_name == "nobody" else 2)
    assert json.loads(ran.err)["error"]["remedy"]


# --- verify -------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=[str(vector["id"]) for vector in VECTORS])
def test_a_vector_gets_its_verdict(run: Run, vector: dict[str, Any]) -> None:
    """A root named by hand is trusted, so the vector of the refused test root is accepted here."""
    roots = [part for root in vector["roots"] for part in ("--root", root)]
    ran = run("verify", "--hex", vector["code"], *roots, "--now", str(vector["now"]), "--json")
    expected = "ACCEPTED" if vector["verdict"] == "ROOT_IS_TEST" else vector["verdict"]
    assert ran.json == {"verdict": expected, "fields": vector["fields"]}
    assert ran.code == (0 if expected == "ACCEPTED" else 1)


def test_people_see_the_verdict_in_both_languages(run: Run) -> None:
    ran = run("verify", "--hex", VECTOR_A, "--now", NOW)
    assert ran.code == 1
    assert "✗ ROOT_UNKNOWN  本机不认识发码机构的根证书" in ran.out
    assert "The issuer's root is not known here." in ran.out
    assert "give --root HEX" in ran.out


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--hex", "8"), "--hex is not hexadecimal"),
        (("--hex", "zz"), "--hex is not hexadecimal"),
        (("--hex", VECTOR_A, "--root", "00"), "144 bytes"),
        (("--hex", VECTOR_A, "--root", "x"), "--root is not hexadecimal"),
        (("--hex", VECTOR_A, "--root", REAL_ROOT[:-2] + "00"), "does not verify"),
        (("--hex", VECTOR_A, "--now", "soon"), "integer"),
        (("--hex", VECTOR_A, "--file", "x"), "exclude"),
        (("--hex", VECTOR_A, "--nonsense"), "--nonsense"),
        (("--picture", __file__), "not a picture"),
        (("--file", "/"), "cannot be read"),
    ],
)
def test_a_malformed_option_is_named(run: Run, options: Sequence[str], what: str) -> None:
    ran = run("verify", *options, "--json")
    assert ran.code == 2
    assert what in json.loads(ran.err)["error"]["what"]
    assert ran.out == ""


def test_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    assert run("verify", "--file", tmp_path / "none").code == 3


@pytest.mark.parametrize("content", [bytes.fromhex(VECTOR_A), f"{VECTOR_A}\n".encode(),
                                     VECTOR_A.upper().encode()])  # fmt: skip
def test_a_file_holds_raw_bytes_or_hex(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "code").write_bytes(content)
    ran = run("verify", "--file", tmp_path / "code", "--now", "1767225600", "--json")
    assert ran.json["verdict"] == "ROOT_UNKNOWN"


def test_a_code_of_the_older_form_is_read_and_no_root_is_asked_for(run: Run) -> None:
    code = forge.build_v1().hex()
    ran = run("verify", "--hex", code, "--json")
    assert (ran.code, ran.json["verdict"]) == (1, "ROOT_UNKNOWN")
    assert ran.json["fields"]["key_id"] == "00000007"
    assert "--root" not in run("verify", "--hex", code).out


def test_digits_of_a_unionpay_code_are_no_hex(run: Run) -> None:
    assert run("verify", "--json", stdin=b"62" * 10).json["verdict"] == "FOREIGN_CODE"


def test_a_picture_without_a_symbol_has_a_remedy(run: Run, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("L", (90, 90), 255).save(tmp_path / "blank.png")
    ran = run("verify", "--picture", tmp_path / "blank.png")
    assert ran.code == 2
    assert "0 QR symbols" in ran.err


# --- inspect ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind", "parts", "last"),
    [
        (VECTOR_A, "RIDE_CODE", 31, "user's signature"),
        (VECTOR_A[:526], "RIDE_CODE", 28, "issuer's signature"),
        (REAL_CERTIFICATE, "CERTIFICATE", 13, "root's signature"),
        (REAL_ROOT, "ROOT", 10, "its own signature"),
        (VECTOR_A[:400], "RIDE_CODE", 28, "issuer's signature (cut short)"),
        ("40000000" + "00" * 222, "RIDE_CODE_V1", 16, "user's signature"),
    ],
)
def test_every_part_is_shown(run: Run, data: str, kind: str, parts: int, last: str) -> None:
    opened = run("inspect", "--hex", data, "--json").json
    assert (opened["kind"], len(opened["parts"])) == (kind, parts)
    assert opened["parts"][-1]["name"]["en"] == last
    assert "".join(part["hex"] for part in opened["parts"]) == data
    offsets = [part["offset"] for part in opened["parts"]]
    assert offsets == sorted(offsets)


def test_the_parts_have_numbers_places_and_meanings(run: Run) -> None:
    parts = run("inspect", "--hex", VECTOR_A, "--json").json["parts"]
    told = {part["number"]: part for part in parts}
    assert told["5"]["value"] == "3105170000000000001"
    assert (told["5"]["offset"], told["5"]["length"]) == (136, 10)
    assert told["5"]["name"] == {"zh": "卡账号", "en": "card account"}
    assert told["3.6"]["value"] == "2030-12"
    assert told["9"]["value"] == "2000 分 = ¥20.00"
    assert told["11"]["value"] == "2030-01-01T00:00:00Z"
    assert told["16"]["value"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (VECTOR_A, None),
        (REAL_ROOT, None),
        (REAL_CERTIFICATE, None),
        (VECTOR_A[:-2], "TOO_SHORT"),
        (REAL_ROOT[:-2] + "00", "own signature"),
        ("24" + "00" * 116, "not a certificate"),
        ("5401", "FOREIGN_CODE"),
    ],
)
def test_a_fault_of_form_is_told(run: Run, data: str, fault: str | None) -> None:
    opened = run("inspect", "--hex", data, "--json")
    assert opened.code == 0
    told = opened.json["fault"]
    assert told is None if fault is None else fault in told


def test_people_see_parts_within_90_columns(run: Run) -> None:
    said = run("inspect", "--hex", VECTOR_A).out
    assert "乘车码 · ride code, 332 字节 bytes" in said
    assert "交通部（交通联合） · T-Union" in said
    from rich.cells import cell_len

    assert max(cell_len(line) for line in said.splitlines()) <= 90
