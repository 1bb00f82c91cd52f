-- Facts as somebody would check them by hand who writes all that the product writes: run before `opponent.sql`.
--
-- Each row is read once, into a table that says in one number what is wrong with it. Rows without a fault are
-- what lines are made of; for all others there is a row of rejects for each fault.

create temp table read_partner as
select id, level, "from", file_row_number + 1 as row,
    (coalesce(id, '') = '')::integer
        + if(coalesce(level, '') = '', 2, if(level in ('silver', 'gold', 'platinum'), 0, 4))
        + if("from" is not null and try_cast("from" as date) is null, 8, 0) as faults
from read_parquet('{facts}/partner.parquet', file_row_number = true);

create temp table twice_partner as
select id, "from" from read_partner where id <> '' group by all having count(*) > 1;

-- Who has a row with a fault is unknown to deals.
create temp table known as
select id as partner, true as is_known from read_partner anti join twice_partner using (id)
group by id having max(faults) = 0;

create temp table checked_partner as
select id, level, "from"::date as "from" from read_partner where id in (select partner from known);

create temp table read_deal as
select id, partner, segment, customer, terms, try_cast(amount as decimal(18, 2)) as amount,
    try_cast(closed as date) as closed, file_row_number + 1 as row,
    (coalesce(id, '') = '')::integer
        + if(coalesce(partner, '') = '', 2, if(is_known, 0, 4))
        + if(coalesce(segment, '') = '', 8, if(segment in ('small', 'mid', 'large', 'public'), 0, 16))
        + if(coalesce(customer, '') = '', 32, if(customer in ('new', 'existing'), 0, 64))
        + if(coalesce(terms, '') = '', 128, if(terms in ('at_once', 'in_parts'), 0, 256))
        + case when amount is null then 512 when try_cast(amount as decimal(38, 6)) is null then 1024
            when try_cast(amount as decimal(38, 6)) <> try_cast(amount as decimal(18, 2)) then 2048
            when try_cast(amount as decimal(18, 2)) < 0 then 4096 else 0 end
        + if(closed is null, 8192, if(try_cast(closed as date) is null, 16384, 0)) as faults
from read_parquet('{facts}/deal.parquet', file_row_number = true) left join known using (partner);

create temp table twice_deal as select id from read_deal where id <> '' group by id having count(*) > 1;

create temp view checked_deal as
select id, partner, segment, customer, terms, amount, closed from read_deal anti join twice_deal using (id)
where faults = 0;

create temp table fault (bit integer, kind varchar, field varchar, code varchar, reason varchar);
insert into fault values
    (1, 'deal', 'id', 'R1101', 'blank'), (2, 'deal', 'partner', 'R1101', 'blank'),
    (4, 'deal', 'partner', 'R1106', 'no such partner'), (8, 'deal', 'segment', 'R1101', 'blank'),
    (16, 'deal', 'segment', 'R1104', 'not allowed'), (32, 'deal', 'customer', 'R1101', 'blank'),
    (64, 'deal', 'customer', 'R1104', 'not allowed'), (128, 'deal', 'terms', 'R1101', 'blank'),
    (256, 'deal', 'terms', 'R1104', 'not allowed'), (512, 'deal', 'amount', 'R1101', 'blank'),
    (1024, 'deal', 'amount', 'R1102', 'no number'), (2048, 'deal', 'amount', 'R1103', 'too many decimals'),
    (4096, 'deal', 'amount', 'R1108', 'below zero'), (8192, 'deal', 'closed', 'R1101', 'blank'),
    (16384, 'deal', 'closed', 'R1102', 'no date'), (1, 'partner', 'id', 'R1101', 'blank'),
    (2, 'partner', 'level', 'R1101', 'blank'), (4, 'partner', 'level', 'R1104', 'not allowed'),
    (8, 'partner', 'from', 'R1102', 'no date');

copy (
    select kind, kind || '.parquet' as file, row, coalesce(id, '') as key, field, code, reason
    from (
        select 'deal' as kind, row, id, faults from read_deal where faults > 0
        union all
        select 'partner', row, id, faults from read_partner where faults > 0
    ) join fault using (kind) where faults & bit > 0
    union all
    select 'deal', 'deal.parquet', row, id, 'id', 'R1105', 'twice' from read_deal semi join twice_deal using (id)
    union all
    select 'partner', 'partner.parquet', row, id, 'id', 'R1105', 'twice' from read_partner semi join twice_partner
        on read_partner.id = twice_partner.id and read_partner."from" is not distinct from twice_partner."from"
    union all
    select 'partner', 'partner.parquet', row, id, 'id', 'R1111', 'another row of it is rejected'
    from read_partner anti join twice_partner
        on read_partner.id = twice_partner.id and read_partner."from" is not distinct from twice_partner."from"
    where faults = 0 and id not in (select partner from known)
    order by all
) to '{out}/rejects.parquet' (format parquet);
