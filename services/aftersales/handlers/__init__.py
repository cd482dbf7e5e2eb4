"""What aftersales does: one function per command or event, each in the caller's transaction.

asking     the customer: asks for a return, answers, sends, appeals, withdraws
deciding   the after-sales team: reviews, receives, inspects; and time, when nothing is sent
following  what orders, logistics and the payment ledger tell
shared     who may take a step, and what every step leaves behind
"""
