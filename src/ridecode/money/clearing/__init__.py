"""Clearing (清分): what a city's day moved, told to its card company, and what came back.

In: the lines of a closed business day, the keys of both sides. Out: numbered, chained and signed
settlement files; of each file everything that is wrong with it; a card company's answer.
Never: a total that was not added up from the bytes in the file, a file that is there by half, bytes
that make the linter raise.
"""

from ridecode.money.clearing.answer import (
    Answer,
    AnswerHead,
    Cleared,
    Reason,
    Rejected,
    answer_file,
    answer_name,
)
from ridecode.money.clearing.files import Written, write_settlement
from ridecode.money.clearing.findings import Fault, Finding
from ridecode.money.clearing.layout import (
    FIRST,
    LINES_MOST,
    Again,
    Charge,
    Fare,
    Head,
    Sent,
    Total,
    again,
    file_name,
    line_of,
)
from ridecode.money.clearing.lint import Lint, lint, read_answer
from ridecode.money.clearing.numbering import Seen, recognise
from ridecode.money.clearing.sent import SentFile, cleared, raw_lines, sent_file, sent_lines
from ridecode.money.clearing.settled import Totals
from ridecode.money.clearing.signing import (
    key_id,
    new_key,
    public_key,
    seal_signature_name,
    seal_signer,
    sign_seal,
)

__all__ = [
    "FIRST",
    "LINES_MOST",
    "Again",
    "Answer",
    "AnswerHead",
    "Charge",
    "Cleared",
    "Fare",
    "Fault",
    "Finding",
    "Head",
    "Lint",
    "Reason",
    "Rejected",
    "Seen",
    "Sent",
    "SentFile",
    "Total",
    "Totals",
    "Written",
    "again",
    "answer_file",
    "answer_name",
    "cleared",
    "file_name",
    "key_id",
    "line_of",
    "lint",
    "new_key",
    "public_key",
    "raw_lines",
    "read_answer",
    "recognise",
    "seal_signature_name",
    "seal_signer",
    "sent_file",
    "sent_lines",
    "sign_seal",
    "write_settlement",
]
