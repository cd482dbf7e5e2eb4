"""Pure basics that all may import: no clock is read, no environment, no database, no bus.

errors   what can go wrong, as kinds with stable codes     money    exact amounts of US dollars
ids      public numbers and entry ids                      caller   who asks, with roles and grants
events   facts that an aggregate returns                   message  an event on its way to a follower
clock    the one place that reads the time                 guard    no remote call while a transaction is open
api      declare what a service answers          shapes   what a declared field may hold
rules    rules between the fields of a request
states   statuses that move by a table, versions seen
urls     what the addresses of bus and database must say
untyped  what came over a wire or out of a database, before it is read
speed    what exists for speed alone, and its switches
personal mark what tells of a customer, and what is left of it once it is erased
retention how long a kind of data is kept, and why
folding  compare names and codes in any case, accent and Unicode form
csv_rows rows of a CSV, by the numbers that a spreadsheet gives them
searching split texts into what they are found by
shares   shares of what is counted, for reports
"""
