"""What orders does: one function per command or event, each in the caller's transaction, one file per topic.

access         who may see an order, who may decide about it
catalogue      products and stock                   imports       products from CSV
placing        new orders, shown and, unpaid, let go
payments       payments and webhooks                refunds       money that is owed back
submissions    refunds on their way                 reviews       the three checks
shortages      who is asked when goods lack         changes       change requests and consent
cancellations  the customer's wish to end an order
shipments      what logistics reports               notices       what support told customers
"""
