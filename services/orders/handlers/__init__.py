"""What orders does: one function per command or event, each in the caller's transaction, one file per behaviour.

access      who may see an order, who may decide about it
catalogue   products and stock             placing     new orders, shown and, unpaid, let go
paying      payments and webhooks          reviewing   the three checks
shortage    who is asked when goods lack   changing    change requests and consent
cancelling  the customer's wish to end it  refunding   money that is owed back
submitting  refunds on their way           following   what logistics, after-sales and support report
"""
