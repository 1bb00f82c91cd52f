"""Clauses that `crossed` puts together: each may stand beside nearly every other one."""

from __future__ import annotations

PLAN = """plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding {mode} to {step} per {place}
{converts}}}
{rates}
payee rep {{
  field id text key
  field team text history
  field boss rep optional
  field joined date
  field target money
  field grade number
  field own text
  derive each = target / grade
}}

payee manager {{
  field id text key
  field team text
  field boss rep optional
  field joined date
  field target money
  field grade number
  field own text
  derive each = target / grade
}}

fact deal {{
  field id text key
  field rep rep credited
  field helper rep
  field manager manager
  field product text
  field qty number
  field currency text
  field amount money{of_currency} signed
  field closed date event
  field paid date optional
  field cancelled date optional
  field undoes deal optional reverses
}}
"""
DECLARED = {
    "rate_by_total": "table rate_by_total on deal by bookings so far, product {\n"
    '  row from 1,000 USD, "a" gives 9%\n  row any, "a" gives 6%\n  row any, any gives 3%\n}\n',
    "bookings": "measure bookings {\n  on deal\n{converts}  take sum amount per quarter by payee\n}\n",
    "team_bookings": "measure team_bookings {\n  on deal\n{converts}"
    "  take sum amount per month by payee.team\n}\n",
    "a_bookings": 'measure a_bookings {\n  on deal\n{converts}  where product is "a"\n'
    "  take sum amount per year by payee\n}\n",
    "deals": "measure deals {\n  on deal\n{converts}  take count per month by payee\n}\n",
    "products": "measure products {\n  on deal\n{converts}"
    "  take count distinct product per quarter by payee\n}\n",
    "visits": "measure visits {\n  on visit\n  take count per month by payee\n}\n",
    "points": "measure points {\n  on visit\n  take sum points per quarter by payee.team\n}\n",
    "rate_by_visits": "table rate_by_visits on deal by visits in total {\n"
    "  row from 2 gives 8%\n  row any gives 4%\n}\n",
    "north": 'segment north of rep {\n  where team is "n"\n}\n',
    "graded": "segment graded of rep {\n  where each >= 60 USD\n}\n",
    "deal_share": "fact deal_share {\n  field id text key\n  field deal deal\n"
    "  field rep rep\n  field weight number\n}\n",
    "payment": "fact payment {\n  field id text key\n  field deal deal\n"
    "  field amount money{of_currency} signed\n  field received date event\n}\n",
    "visit": "fact visit {\n  field id text key\n  field rep rep credited\n  field product text\n"
    "  field points number\n  field made date event\n  field instead_of visit optional reverses\n}\n",
}
"""What a plan declares where its rules name it, and now and then a measure that none names."""

SHARED = (
    "credit 60% to rep  credit 40% to helper",
    "credit 50% to manager  credit 50% to rep",
    "credit each deal_share by weight",
    "credit each deal_share equally",
)
CREDITS = (
    "",
    "",
    "",
    *SHARED,
    *SHARED,
    "credit helper",
    "credit manager",
    "credit rep.boss",
    "credit each level of rep.boss through 2",
)
CREDITS_OF_EARNINGS = (
    "",
    "",
    "credit rep.boss",
    "credit payee.boss",
    "credit helper",
    "credit manager",
    *SHARED[:3],
)
SHARES = (
    "10% of amount",
    "10% of amount",
    "7.77% of amount plus 5 USD per deal",
    "5% of amount above 200 USD",
    "rate_by_total of amount",
    "rate_by_visits of amount",
    "1% of payee.target",
    "1% of payee.each",
    "10% of amount less earnings of {other}",
    "4% of amount with own earnings of {other}",
)
SHARES_OF_EARNINGS = (
    "20% of earning",
    "33.33% of earning",
    "50% of earning plus 1% of amount",
    "2% of amount",
    "2% of payee.each",
)
MONEY = (
    "20 USD per deal",
    "1.11 USD per unit of qty",
    "2 USD per started 10 of qty",
    "3 USD per full 100 USD of amount",
)
PAY_OF_MONTHS = ("2% of bookings so far", "1% of team_bookings so far", "10% of target", "10% of each")
MEASURES = ("bookings", "team_bookings", "a_bookings", *("",) * 4)
OF_VISITS = ("visits", "points")
"""Measures of rows of another kind, which count no money."""
WINDOWS = ("month", "quarter", "quarter", "year", "plan", "year from payee.joined")
KEYS = ("payee", "payee", "payee.team", "payee, product", "all")
METHODS = ("marginal", "marginal", "whole", "from_crossing", "from_next", "interpolated")
BANDS = (
    ("2%", "5%"),
    ("nothing", "4%"),
    ("1% of amount", "4% of amount plus 1% of amount"),
    ("1%", "2% plus 30 USD once"),
    ("2%", "5%", "7.77%"),
)
GOALS = (
    "sum {share}amount >= 1,500 USD",
    "count >= 2",
    "count distinct product >= 2",
    "bookings >= 900 USD",
    "visits >= 2",
)
PRIZES = (
    "100 USD once",
    "10% of payee.target once",
    "10% of payee.each once",
    '33.35 USD once plus prize "cup" once',
)
AWARDS = (
    "award each member of payee.team",
    "award members of payee.team equally",
    "award members of payee.team pro_rata to bookings",
    "award members of north pro_rata to bookings",
    "award each contributor",
    "award contributors pro_rata",
    "award contributors equally",
)
WHERES = (
    'where product is "a"',
    "where qty >= 5",
    "where amount >= 300 USD",
    "where payee in north",
    "where bookings so far >= 500 USD",
    "where products so far < 2",
    "where bookings in total >= 900 USD",
    "where visits in total >= 2",
    "where points so far >= 3",
    "where paid is present",
    "where not (payee.each > 60 USD)",
    "where rep in graded or qty > 20",
    'where payee.team is "n" or helper is not "ana"',
    "where earning > 5 USD",
)
TERMS = (
    "for first 2 by product",
    "for first 3 by payee",
    "for 2 months from first by payee, product",
    "for 12 months from payee.joined",
)
TIMES = (
    "times 150% when qty > 20",
    "times 80%",
    "times 70% when payee.each < 100 USD",
    "times 110% when team_bookings so far >= 800 USD",
    "times 50% when deals so far > 1",
    "times 120% when visits in total >= 2",
    "times 90% when points so far < 5",
)
CAPS = ("60 USD", "25 USD", "120 USD", "payee.target", "payee.each")
FLOORS = ("15 USD", "30 USD", "0 USD")
LIMITED = (
    "per deal",
    "per deal",
    "per month by payee",
    "per month by payee",
    "per quarter by all",
    "per month by payee.team",
    "per quarter by payee, product",
    "per week by all",
    "per year from payee.joined",
)
DEDUCTED = ("deduct earnings of {other}", "deduct own earnings of {other}")
BUDGETS = (
    "budget 120 USD then first_come on closed",
    "budget 90 USD by payee then first_come on closed",
    "budget 100 USD by payee.team then first_come on closed",
    "budget 150 USD then prorate",
)
SPLITS = (
    "split into 3 months starting closed",
    "split into 2 quarters starting 1 month after closed",
    "split into 3 months starting paid",
)
RELEASES = (
    "release 40% at closed  release rest as payment.amount reaches amount",
    "release 40% at closed  release rest at 1 month after closed",
    "release 33.3% at paid  release 33.3% at closed  release rest split into 2 months starting closed",
    "release 100% as payment.amount reaches amount",
)
HOLDS = ("hold until paid", "hold until end of month of closed", "hold until 20 days after closed")
STOPS = (
    "stop on cancelled then forfeit",
    "stop on cancelled then pay_out",
    "stop on paid then pay_out  stop on cancelled then forfeit",
)
CLAWBACKS = (
    "clawback 100% on cancelled",
    "clawback 50% on cancelled within 40 days of closed",
    "clawback 60% on cancelled at end of month of cancelled",
    "clawback unearned over 6 started months from closed on cancelled",
    "clawback 33.3% on cancelled then restore on paid",
    "clawback 100% unless paid within 20 days of closed then restore on paid",
)
ROUNDINGS = ("half_even to 0.05 per fact", "down to 0.01 per fact", "up to 0.1 per line")
REMAINDERS = ("first", "last", "in_turn", "largest_fraction", "largest_share", "nobody")
SETTLED = (
    "negative carry  minimum 20 USD then carry",
    "draw 100 USD per {window} recoverable  recover 50% of earnings above 100 USD  negative carry",
    "draw payee.target per {window} kept for north  negative forgive",
    "draw payee.each per {window} kept for north  negative forgive",
    "guarantee 40 USD per {window}  cap 90 USD per {window} then carry",
    "guarantee 25 USD per {window} for 2 months from payee.joined  negative carry",
)
CONVERTED = ("on payable", "on earned", "on end of month of payable")
