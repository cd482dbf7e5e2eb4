"""What orders does: one function per command or event, each in the caller's transaction, one file per topic.

access         who may see an order, who may decide about it
placing        new orders, shown and, unpaid, let go
holds          what unpaid orders keep from others  destinations   where we deliver
catalogue      products and stock                   imports        products from CSV
discounts      codes, and what goods cost with one
sheets         tables as people write them          shop_exports   those of Shopify and WooCommerce
payments       started by the customer              facts          what providers report
paying_sessions  ended when they should not be paid; what no webhook told us
dispute_facts  what banks dispute, and decide          disputes       a lead answers them
fact_parts     what the takers of facts share           reconciling    providers' books beside ours
book_turns     whose turn it is to compare them
bank           what the bank does by itself         accounts       what is kept, goes back or waits
cases          money that does not match            attention      a lead decides about it
refunds        money that is owed back              claims         what others claim of it
ceilings       what a day may pay back              goodwill       refunds for complaints
submissions    refunds on their way                 refund_queue   a lead tries again, or pays by hand
reviews        the three checks                     shipments      what logistics reports
shortages      who is asked when goods lack         changes        change requests and consent
backorders     goods ordered before they are here   backorder_news when their day moves
low_stock      leads are told that little is left  places         where goods lie, and moves between them
edits          the customer's own changes
missing        parcels that do not arrive           remedies       what the customer has done about them
returns        goods that came back                 notices        what support told customers
exchanges      the same goods once more for a return, instead of money
short_exchanges  what of them is not on the shelf is paid back
remedy_units   which units may be in a parcel that does not arrive
parts          an order that leaves in several shipments
order_holds    paid orders that staff keep back
cancellations  the customer's wish to end an order  promises       clocks, started and kept
privacy        a customer's own data: copied, erased
documents      receipts and credit notes, with their numbers
ledgers        what was paid and paid back, as the journal tells of it
"""
