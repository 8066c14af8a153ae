/** The words of money in both languages, by the names of the HTTP interface. */

import type { Words } from ".";

/** Kinds of accounts. */
export const KINDS: Record<string, Words> = {
  rider: { zh: "应收乘客", en: "owed by riders" },
  channel: { zh: "应收渠道", en: "owed by a channel" },
  wallet: { zh: "储值", en: "riders' wallets" },
  card_company: { zh: "待清分", en: "to be cleared" },
  bank: { zh: "银行存款", en: "at the bank" },
  operator: { zh: "应付运营商", en: "due to an operator" },
  platform: { zh: "应付平台", en: "due to a platform" },
  fee: { zh: "手续费", en: "fees" },
  suspense: { zh: "挂账", en: "unexplained" },
  advance: { zh: "乘客垫资", en: "riders owe a channel" },
  advanced: { zh: "渠道垫资", en: "advanced by a channel" },
};

/** Flows of fares and charges. */
export const FLOWS: Record<string, Words> = {
  fare: { zh: "车费", en: "fare" },
  fare_back: { zh: "冲减", en: "given back" },
  charged: { zh: "扣款", en: "charged" },
  charged_wallet: { zh: "钱包扣款", en: "charged to the wallet" },
  refunded: { zh: "退款", en: "refunded" },
  refunded_wallet: { zh: "退回钱包", en: "refunded to the wallet" },
  advanced: { zh: "垫资", en: "advanced" },
  repaid: { zh: "还款", en: "repaid" },
};

/** States of a charge order. */
export const STATES: Record<string, Words> = {
  queued: { zh: "待发送", en: "queued" },
  accepted: { zh: "已受理", en: "accepted" },
  refused: { zh: "被拒", en: "refused" },
  paid: { zh: "已扣款", en: "paid" },
  withdrawn: { zh: "已撤回", en: "withdrawn" },
};

/** What is wrong about an order. */
export const BREAKS: Record<string, Words> = {
  paid_more: { zh: "多扣", en: "paid more than asked" },
  paid_less: { zh: "少扣", en: "paid less than asked" },
  said_otherwise: { zh: "前后说法不一", en: "told in two ways" },
  refunded_more: { zh: "多退", en: "refunded more than taken" },
  repaid_unknown: { zh: "还款无垫资", en: "repaid, never advanced" },
  refund_failed: { zh: "退款失败", en: "refund failed" },
};

/** Why the card company rejects a line. */
export const REASONS: Record<string, Words> = {
  unknown_account: { zh: "查无此卡", en: "unknown account" },
  unknown_operator: { zh: "查无此运营商", en: "unknown operator" },
  unknown_platform: { zh: "查无此平台", en: "unknown platform" },
  unknown_channel: { zh: "查无此渠道", en: "unknown channel" },
  unknown_tariff: { zh: "查无此票价版本", en: "unknown tariff" },
  wrong_amount: { zh: "金额不符", en: "wrong amount" },
  duplicate: { zh: "重复", en: "cleared before" },
  out_of_day: { zh: "不属于这个运营日", en: "of another business day" },
  never_rejected: { zh: "未曾退回", en: "never rejected" },
  dispute_refused: { zh: "异议不成立", en: "dispute refused" },
};

/** What an audit may find. */
export const FAULTS: Record<string, Words> = {
  head: { zh: "文件头不对", en: "wrong head" },
  line_malformed: { zh: "行不合格式", en: "malformed line" },
  number_not_higher: { zh: "行号没有递增", en: "numbers do not ascend" },
  id_twice: { zh: "编号重复", en: "an id comes twice" },
  count: { zh: "行数不符", en: "wrong number of lines" },
  root: { zh: "根哈希不符", en: "another root" },
  chain: { zh: "链哈希不符", en: "another chain" },
  moved: { zh: "发生额不符", en: "other debits or credits" },
  closing: { zh: "余额接不上前一天", en: "closing does not follow" },
  unbalanced: { zh: "不平衡", en: "not balanced" },
  overdrawn: { zh: "储值透支", en: "wallets overdrawn" },
  not_the_day_before: { zh: "不是前一天的封存", en: "not the day before" },
  other_day: { zh: "是另一天的封存", en: "seal of another day" },
  sum_twice: { zh: "同一账户有两行合计", en: "an account summed twice" },
  signature: { zh: "签名不符", en: "signature does not hold" },
};

/** Lines of a settlement file. */
export const RECORDS: Record<string, Words> = {
  H: { zh: "文件头", en: "head" },
  F: { zh: "乘次费", en: "fare" },
  C: { zh: "渠道扣款", en: "charge" },
  A: { zh: "异议重报", en: "sent again" },
  O: { zh: "运营商合计", en: "operator's total" },
  P: { zh: "平台合计", en: "platform's total" },
  K: { zh: "渠道合计", en: "channel's total" },
  T: { zh: "文件合计", en: "sums of the file" },
  S: { zh: "签名", en: "signature" },
};
