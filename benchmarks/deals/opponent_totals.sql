-- What the product writes besides lines and statements, and proves of all of it: run after `opponent.sql`.
--
-- Short cuts that the plan allows: a row that earns has one line that is its first, told by its part and band,
-- so rows are counted without gathering lines by fact. A deal of another year, which the plan does not pay and
-- of which nothing is written here, makes the totals differ.

create type reason as enum ('condition', 'outside_dates', 'goal_not_reached', 'other_row_reached');

create temp table reached as
select partner, count(*) as deals from {deal} where closed >= date '2026-10-01' group by all;

copy (
    select 'share'::rule as rule, 'partner'::word as payee_kind, partner as payee, 'deal'::word as fact,
        id as fact_id, closed as dated, 'condition'::reason as reason,
        'terms is "at_once": terms is in_parts' as detail
    from {deal} where terms <> 'at_once'
    union all
    select 'share_in_parts'::rule, 'partner'::word, partner, 'deal'::word, id, closed, 'condition'::reason,
        'terms is "in_parts": terms is at_once'
    from {deal} where terms <> 'in_parts'
    union all
    select 'new_customer'::rule, 'partner'::word, partner, 'deal'::word, id, closed, 'condition'::reason,
        'customer is "new": customer is existing'
    from {deal} where customer <> 'new'
    union all
    select 'year_end'::rule, ''::word, '', 'deal'::word, id, closed, 'outside_dates'::reason,
        closed::varchar || ' is outside 2026-10-01 through 2026-12-31'
    from {deal} where closed < date '2026-10-01'
    union all
    select 'year_end'::rule, 'partner'::word, partner, 'deal'::word, id, closed,
        if(deals >= 5, 'other_row_reached', 'goal_not_reached')::reason,
        concat('goal count >= 5 by payee: ', deals, ' of 5')
    from (from {deal} where closed >= date '2026-10-01') join reached using (partner) anti join goal using (id)
) to '{out}/not_earning.parquet' (format parquet{options});

copy (select distinct 'partner' as payee_kind, id as payee from {partner} order by all)
to '{out}/payees.parquet' (format parquet{options});

create temp table fate as
select rule::varchar as rule, 'earning' as fate, count(*) as rows, count(id) as known, sum(d.amount) as money
from (from '{out}/lines.parquet' where part_number <= 1 and sequence = 0 and part <> 'budget') l
    left join {deal} d on l.fact_id = d.id group by rule
union all
select rule::varchar, reason::varchar, count(*), count(id), sum(d.amount)
from '{out}/not_earning.parquet' n left join {deal} d on n.fact_id = d.id group by rule, reason;

create temp table total as
select 'read' as what, count(*) as rows, sum(amount) as money from read_deal
union all select 'accepted', count(*), sum(amount) from {deal}
union all select 'lines of ' || rule, count(*), sum(amount) from '{out}/lines.parquet' group by rule
union all select 'statements', sum(lines), sum(total) from '{out}/statements.parquet'
union all select 'rows of ' || rule || ': ' || fate, rows, money from fate
union all select 'rejected', count(distinct row), null from '{out}/rejects.parquet' where kind = 'deal';

select error('control totals differ: ' || rule)
from fate group by rule
having (sum(rows), sum(known), sum(money)) is distinct from
    (select (rows, rows, money) from total where what = 'accepted');

select error('rows of facts are missing')
where (select rows from total where what = 'read')
    <> (select sum(rows) from total where what in ('accepted', 'rejected'));

select error('the statements are not the sum of the lines')
where (select (sum(rows), sum(money)) from total where what like 'lines of %')
    is distinct from (select (rows, money) from total where what = 'statements');

select error('two lines have the same id') from (
    select count(*) filter (number <= before) as same
    from (select number, lag(number) over () as before
        from (select hash(line_id) as number from '{out}/lines.parquet' order by number)))
where same > 0;

insert into total
select parse_filename(filename) || ' ' || sha256(content), size, null
from read_blob(['{facts}/deal.parquet', '{facts}/partner.parquet']);

copy (from total order by all) to '{out}/totals.json';
