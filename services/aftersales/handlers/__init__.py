"""What aftersales does: one function per command or event, each in the caller's transaction.

customer  the customer of an order: asks for a return, answers, sends, appeals, withdraws
team      the after-sales team: reviews; and time, when nothing is sent
postage   what the customer paid to send the goods: asked for, decided, claimed
files     files that were sent, as evidence: support is told to keep them
goods     the after-sales team: receives, inspects, looks a second time, restocks, sends back
clocks    what is promised about a return, kept true after each step
returns   who may see and touch a return, what every step leaves behind, how it is shown
orders    what orders and logistics tell of an order        ledger    where the money of a refund is
exchanges the same goods once more instead of the money: what orders and logistics tell of it
privacy   a customer's own data: copied, erased
"""
