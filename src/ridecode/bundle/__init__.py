"""The bundle: what validators trust, signed by several and published as plain files.

In: roots, accepted issuers, deny entries, tariff and clock rules; the keys of those who sign.
Out: a folder of signed files that a web server or a memory stick carries to every validator.
Never: a validator's decision, a change that one person alone can make, a version taken back.
"""

__all__: list[str] = []
