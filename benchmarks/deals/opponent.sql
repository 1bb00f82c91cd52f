-- What somebody who knows DuckDB well would write by hand for plan.rules, and for nothing but plan.rules.
--
-- It gives the table of lines that the product gives, column for column and cent for cent, and the totals
-- of the statements. It takes every short cut that this plan allows: no refunds, nothing below zero, one
-- currency, no row that could be wrong. Money is whole cents in 64 bits, rates are hundredths of a percent.
-- `opponent.py` puts in the names of files, or of tables that `opponent_intake.sql` has checked, and runs the
-- statements one after the other.

-- Texts of which there are few are enums: in the file they are strings all the same, at a fifth of the price.
create type rule as enum ('share', 'share_in_parts', 'new_customer', 'growth', 'year_end');
create type word as enum ('', 'USD', 'partner', 'deal', 'amount', '500 USD per deal', '3,000 USD',
    'revenue_share', 'installments', 'flat', 'tiered', 'spiff',
    'base', 'instalment', 'band', 'goal', 'budget', '2026-Q1', '2026-Q2', '2026-Q3', '2026-Q4',
    'plan.rules:41:7', 'plan.rules:47:7', 'plan.rules:55:7', 'plan.rules:62:23', 'plan.rules:63:29',
    'plan.rules:64:29', 'plan.rules:65:31', 'plan.rules:66:31', 'plan.rules:73:7', 'plan.rules:74:3');
create type month as enum (
    select strftime(day, '%Y-%m')
    from range(timestamp '2026-01-01', timestamp '2028-01-01', interval 1 month) as months(day));
create type payee as enum (select distinct id from {partner} order by id);

create type number as decimal(38, 12);

-- Whole cents from cents x hundredths of a percent, halves to the even cent.
create macro half_even(product) as (product + 4999 + (product // 10000 & 1)) // 10000;

-- An integer that counts hundredths, ten-thousandths or millionths, as the columns of a line hold it.
create macro of_2(value) as (value::decimal(18, 0) * 0.01::decimal(2, 2))::number;
create macro of_4(value) as (value::decimal(18, 0) * 0.0001::decimal(4, 4))::number;
create macro of_6(value) as (value::decimal(18, 0) * 0.000001::decimal(6, 6))::number;
create macro of_12(value) as (value::decimal(18, 0) * 0.000000000001::decimal(12, 12))::number;

-- The name of a line is made from nine texts with the character 31 between them.
create macro named(text) as left(sha256(text), 20);
create macro stem(rule, partner, id, day) as
    concat(rule, e'\x1fpartner\x1f', partner, e'\x1fdeal\x1f', id, e'\x1f', day);

create temp table level as
select id as partner, id::payee as payee, level,
    coalesce("from", date '0001-01-01') as first_day,
    lead("from", 1, date '9999-12-31') over (partition by id order by "from" nulls first) as next_day
from {partner};

create temp table rate (segment varchar, level varchar, rate bigint);
insert into rate values
    ('public', 'platinum', 425), ('public', 'gold', 425), ('public', 'silver', 425),
    ('large', 'platinum', 850), ('large', 'gold', 775), ('large', 'silver', 700),
    ('mid', 'platinum', 1050), ('mid', 'gold', 975), ('mid', 'silver', 900),
    ('small', 'platinum', 1250), ('small', 'gold', 1125), ('small', 'silver', 1000);

create temp table band (start bigint, stop bigint, rate bigint, number integer, span word);
insert into band values
    (0, 10_000_000, 50, 0, 'plan.rules:62:23'),
    (10_000_000, 25_000_000, 75, 1, 'plan.rules:63:29'),
    (25_000_000, 100_000_000, 125, 2, 'plan.rules:64:29'),
    (100_000_000, 250_000_000, 150, 3, 'plan.rules:65:31'),
    (250_000_000, 9_000_000_000_000_000_000, 200, 4, 'plan.rules:66:31');

-- The days of 2026 as text, with their month and quarter; and the twelve instalments that follow each.
create temp table day as
select day::date as closed, day::date::varchar as text, strftime(day, '%Y-%m')::month as period,
    format('2026-Q{}', quarter(day))::word as quarter
from range(timestamp '2026-01-01', timestamp '2027-01-01', interval 1 day) as days(day);

create temp table instalment as
select closed, number::integer as number, (closed + to_months(number::integer))::date as payable_on,
    strftime(payable_on, '%Y-%m')::month as period, concat(e'\x1finstalment\x1f', number, e'\x1f0') as name
from day, range(1, 13) as parts(number);

create temp table goal as
select id, partner, closed, row_number() over (order by closed, id) * 300_000 as awarded,
    greatest(10_000_000 - (awarded - 300_000), 0) as kept, least(awarded - 300_000, 10_000_000) as spent
from (
    select id, partner, closed
    from {deal}
    where closed >= date '2026-10-01'
    qualify row_number() over (partition by partner order by closed, id) = 5);

-- What differs from line to line comes first, in order if there is to be one; what never differs comes last.
create temp view line as
with at_once as not materialized (
    select id, partner, payee, closed, (amount * 100)::bigint as cents, rate, cents * rate as product
    from {deal} as deal join level using (partner) join rate using (segment, level)
    where terms = 'at_once' and closed >= first_day and closed < next_day),
in_parts as not materialized (
    select id, partner, payee, closed, (amount * 100)::bigint as cents, rate,
        half_even(cents * rate) as whole, gcd(whole, 1200) as divisor,
        if(whole % 3 = 0, '', concat('exact=', whole // divisor, '/', 1200 // divisor)) as fractions,
        stem('share_in_parts', partner, id, text) as stem
    from {deal} as deal join level using (partner) join rate using (segment, level)
        join day using (closed)
    where terms = 'in_parts' and closed >= first_day and closed < next_day),
total as (
    select id, partner, closed, cents,
        sum(cents) over (partition by partner, quarter(closed) order by closed, id
            rows unbounded preceding)::bigint as after
    from (select id, partner, closed, (amount * 100)::bigint as cents from {deal})),
banded as (
    select total.*, after - cents as before, least(after, stop) - greatest(before, start) as inside,
        start, rate, span, number - (before >= 10_000_000)::integer - (before >= 25_000_000)::integer
            - (before >= 100_000_000)::integer - (before >= 250_000_000)::integer as sequence
    from total join band on after - cents < stop and after > start),
narrow as (
    select 'share'::rule as rule, 'revenue_share'::word as kind, 'base'::word as part, 0 as part_number,
        0 as part_count, payee, id, closed, closed as payable_on, period, ''::word as "window",
        null::number as measure_before, null::number as measure_after, ''::word as measure_unit,
        null::number as target, null::number as band_from, of_2(cents) as base, 'amount'::word as base_of,
        of_4(rate) as rate, null::number as units, null::number as whole, of_6(product) as exact,
        of_2(half_even(product)) as amount, 'plan.rules:41:7'::word as span, 0 as step, 0 as sequence,
        '' as fractions, named(stem('share', partner, id, text) || e'\x1fbase\x1f0\x1f0') as line_id
    from at_once join day using (closed)
    union all
    select 'share_in_parts'::rule, 'installments'::word, 'instalment'::word, number, 12, payee, id, closed,
        payable_on, period, ''::word, null, null, ''::word, null, null, of_2(cents), 'amount'::word,
        of_4(rate), null, of_2(whole),
        of_12((whole * 10_000_000_000 + 4) // 12), of_2(whole // 12 + (number <= whole % 12)::bigint),
        'plan.rules:47:7'::word, 0, 0, fractions, named(stem || name)
    from in_parts join instalment using (closed)
    union all
    select 'new_customer'::rule, 'flat'::word, 'base'::word, 0, 0, partner::payee, id, closed, closed,
        period, ''::word, null, null, ''::word, null, null, null, '500 USD per deal'::word, 500, 1, null,
        500, 500, 'plan.rules:55:7'::word, 0, 0, '',
        named(stem('new_customer', partner, id, text) || e'\x1fbase\x1f0\x1f0')
    from {deal} join day using (closed)
    where customer = 'new'
    union all
    select 'growth'::rule, 'tiered'::word, 'band'::word, 0, 0, partner::payee, id, closed, closed, period,
        quarter, of_2(before), of_2(after), 'USD'::word, null, of_2(start), of_2(inside), 'amount'::word,
        of_4(rate), null, null, of_6(inside * rate), of_2(half_even(inside * rate)), span, sequence, sequence,
        '',
        named(concat(stem('growth', partner, id, text), e'\x1fband\x1f0\x1f', sequence))
    from banded join day using (closed)
    union all
    select 'year_end'::rule, 'spiff'::word, 'goal'::word, 0, 0, partner::payee, id, closed, closed, period,
        ''::word, 4, 5, ''::word, 5, null, null, '3,000 USD'::word, 3000, 1, null, 3000, 3000,
        'plan.rules:73:7'::word, 0, 0, '',
        named(stem('year_end', partner, id, text) || e'\x1fgoal\x1f0\x1f0')
    from goal join day using (closed)
    union all
    select 'year_end'::rule, 'spiff'::word, 'budget'::word, 0, 0, partner::payee, id, closed, closed, period,
        ''::word, of_2(spent), of_2(spent + 300_000), ''::word, 100_000, null, null, ''::word, null, null,
        null, of_2(kept - 300_000), of_2(kept - 300_000), 'plan.rules:74:3'::word, 1, 0, '',
        named(stem('year_end', partner, id, text) || e'\x1fbudget\x1f0\x1f0')
    from goal join day using (closed)
    where awarded > 10_000_000)
select line_id, 'partner'::word as payee_kind, payee, period, rule, kind, part, part_number, part_count,
    'deal'::word as fact, id as fact_id, closed as earned_on, payable_on, "window", ''::word as scope,
    measure_before, measure_after, measure_unit, target, band_from, false as band_above,
    null::number as towards_next, base, base_of, ''::word as base_how, null::number as original,
    ''::word as original_currency, null::number as converted, null::number as exchange_rate,
    ''::word as exchange_how, null::date as exchange_on, ''::word as exchange_rates, null::number as share,
    0 as level, rate, null::number as rate_before, units, 0 as days, 0 as days_of, null::number as times,
    null::number as counted_before, null::number as counted_after, null::number as counted_above,
    ''::word as counted_unit, null::number as package, false as package_full, null::number as rounded_from,
    whole, null::number as weight, null::number as weights, null::number as shared, 0::number as left_over,
    null::number as part_share, ''::word as part_how, exact, amount, 'USD'::word as currency,
    null::number as paid, ''::word as paid_currency, null::number as paid_rate, ''::word as paid_how,
    null::date as paid_on, ''::word as paid_rates, ''::word as corrects, ''::word as from_line, false as memo,
    ''::word as prize, ''::word as readings, span, step, sequence, fractions
from (from narrow{order});

copy (from line) to '{out}/lines.parquet' (format parquet{options});

copy (
    select 'partner' as payee_kind, payee, period, strptime(period, '%Y-%m')::date as first_day,
        last_day(first_day) as last_day, lines, 0 as prizes, total, 0::number as brought_forward,
        0::number as carried_forward, 0::number as owed_before, 0::number as owed_after, 'USD' as currency
    from (select payee, period, count(*)::integer as lines, sum(amount)::number as total
        from '{out}/lines.parquet' group by all)
) to '{out}/statements.parquet' (format parquet{options});
