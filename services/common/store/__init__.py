"""One service's database: the unit of work and everything that is written in its transaction.

database       engines and units of work                   upsert       insert unless the key exists
postgres       how PostgreSQL is spoken to                  tables       the kit's tables
journal        the record of every step, chained            journal_rows its statements
inbox          events handled, failed, parked               idempotency  commands done at most once
commitments    the rows of the clocks                       pages        lists in pages
restored       what a restore leaves in the journal         migrations   the kit's tables in each database
statements     those whose outcome is not awaited          erasures     what waits to be erased
sealing        personal data in the journal, encrypted      chain_keys   its keys, sealed too
rights         what the role that runs may do               leases       what one replica has to itself for a while
letters        what was given up, and what comes next     sealed_rows  personal data in rows, encrypted
blind          what is found and compared, and not read
journal_reading  its entries by type: of some chains, or of a period
prepared       statements the server reads once             direct       the kit's own, past SQLAlchemy's layers
search         find things by any word that is told of them
"""
