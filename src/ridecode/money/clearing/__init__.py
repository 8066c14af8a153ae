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
from ridecode.money.clearing.db import Answered, Filed, Refusal
from ridecode.money.clearing.files import Written, write_settlement
from ridecode.money.clearing.filing import write_files
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
from ridecode.money.clearing.place import Place, places
from ridecode.money.clearing.receiving import (
    Handed,
    Received,
    dispute,
    file_numbered,
    files_of,
    receive,
    rejected,
    send,
)
from ridecode.money.clearing.sent import SentFile, cleared, raw_lines, sent_file, sent_lines
from ridecode.money.clearing.settled import Totals
from ridecode.money.clearing.shares import SHARE, Rates, Shares, shares
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
    "SHARE",
    "Again",
    "Answer",
    "AnswerHead",
    "Answered",
    "Charge",
    "Cleared",
    "Fare",
    "Fault",
    "Filed",
    "Finding",
    "Handed",
    "Head",
    "Lint",
    "Place",
    "Rates",
    "Reason",
    "Received",
    "Refusal",
    "Rejected",
    "Seen",
    "Sent",
    "SentFile",
    "Shares",
    "Total",
    "Totals",
    "Written",
    "again",
    "answer_file",
    "answer_name",
    "cleared",
    "dispute",
    "file_name",
    "file_numbered",
    "files_of",
    "key_id",
    "line_of",
    "lint",
    "new_key",
    "places",
    "public_key",
    "raw_lines",
    "read_answer",
    "receive",
    "recognise",
    "rejected",
    "seal_signature_name",
    "seal_signer",
    "send",
    "sent_file",
    "sent_lines",
    "shares",
    "sign_seal",
    "write_files",
    "write_settlement",
]
