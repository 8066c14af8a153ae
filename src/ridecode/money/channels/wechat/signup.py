"""What a rider's mini program opens so that its user agrees to be charged (小程序纯签约). Pure.

The APIv3 of public transport begins with a contract that stands already. One of WeChat Pay's
general deduction (委托代扣) is made by a jump to its own mini program, signed in the way of the
APIv2: MD5 over the sorted fields and the key. Source: 小程序纯签约 and 签名算法 of the APIv2.
Not verified: that a contract made so is one of the public-transport service.
"""

from collections.abc import Mapping
from hashlib import md5, sha256
from typing import Final

import msgspec

from ridecode.core import MICROS
from ridecode.money.channels.wechat.signing import WeChatMerchant, WeChatPlan

SIGNING_APP: Final = "wxbd687630cd02ce1d"
"""WeChat Pay's own mini program for agreements; the rider's has to list it."""


def jump(merchant: WeChatMerchant, plan: WeChatPlan, account: str, number: str, now: int) -> str:
    """JSON for `wx.navigateToMiniProgram`; `number` (letters and digits, at most 32) is ours of the
    agreement. On its way back the mini program is told the contract's number."""
    told = {
        "appid": merchant.appid,
        "mch_id": merchant.mchid,
        "plan_id": plan.plan_id,
        "contract_code": number,
        "contract_display_account": account,
        "request_serial": str(int.from_bytes(sha256(number.encode()).digest()[:7], "big")),
        "notify_url": plan.notify_url,
        "timestamp": str(now // MICROS),
    }
    signed = {**told, "sign": signature(told, plan.api_v2_key)}
    opened = {"appId": SIGNING_APP, "path": "pages/index/index", "extraData": signed}
    return msgspec.json.encode(opened).decode()


def signature(told: Mapping[str, str], key: bytes) -> str:
    """In the way of the APIv2: 32 hexadecimal digits."""
    fields = "&".join(f"{name}={value}" for name, value in sorted(told.items()) if value)
    return md5(f"{fields}&key=".encode() + key, usedforsecurity=False).hexdigest().upper()
