"""The files of a new pack around an imported network: all that no source of networks can know
stands there as a comment with an example, for its author to fill in."""

PACK = """\
# {source} gave the operators and products below. Take the # from the lines that
# begin with it closely and put in what is true of the city: `ridecode city check` tells what is
# still left, docs/city-packs.md what every key means.
id = "{id}"
version = "draft"
demo = false
#name = {{ zh = "新城", en = "Xincheng" }}

#[currency]
#code = "CNY"
#minor_digits = 2
#symbol = "¥"

# utc_offset_s: the city's clock minus UTC; cut_s: when a business day begins, after midnight.
#[calendar]
#utc_offset_s = 28_800
#cut_s = 14_400

#[card_company]
#id = "card-company"
#name = {{ zh = "新城通", en = "Xincheng Card" }}
#issuer = "01234567"

#[[issuer]]
#number = "01234567"
#name = {{ zh = "新城通", en = "Xincheng Card" }}
#iin = "31048799"

#[[platform]]
#id = "city-app"
#name = {{ zh = "新城出行", en = "Xincheng App" }}
#number = "01234568"

#[co2]
#source = {{ zh = "假设值，非测量结果", en = "assumed, not measured" }}
#car_g_per_passenger_km = 170
#g_per_passenger_km = {{ metro = 35, bus = 55 }}

"""

REST = {
    "tariff.toml": "# One [[tariff]] a version; its keys are told in docs/fares.md.\n",
    "validator.toml": "# Its keys are told in docs/validator.md.\n[validator]\n",
    "matching.toml": "# Its keys are told in docs/rides.md.\n[matching]\n",
}
