"""What orders does: one function per command or event, each in the caller's transaction, one file per behaviour.

catalogue   products and stock             placing    new orders, and who may see which
paying      payments and webhooks          refunding  money on its way back
reviewing   the three checks               changing   change requests and consent
cancelling  the customer's wish to end it  following  what logistics, after-sales and support report
"""
