"""Orders: the catalogue, the stock, and every order from placing to completion.

owns     products, stock and its ledger, orders, their review, payments and refunds, change requests
answers  list_products get_product put_product adjust_stock import_products
         place_order get_order list_orders authorize_order_access cancel_order
         start_payment receive_payment_webhook
         list_reviews decide_review list_changes propose_change answer_change
         get_timeline list_commitments report_commitments get_health verify_journal
emits    order_placed order_expired order_revived order_completed order_reopened order_changed order_cancelled
         payment_started payment_captured payment_failed payment_disputed payment_needs_attention
         review_passed review_needs_contact stock_short stock_covered
         change_requested change_accepted change_declined change_closed
         cancellation_requested cancellation_refused
         refund_due refund_submitted refund_settled refund_failed
         product_saved stock_adjusted stock_freed
follows  orders: payment_captured stock_adjusted stock_freed
         logistics: shipment_created shipment_sorted shipment_packed shipment_dispatched tracking_updated
         shipment_delivered delivery_taken_back shipment_recalled recall_refused
         aftersales: refund_claimed
         support: customer_notified
keeps    review shortage_contact
law      no code path changes or cancels a confirmed order without the customer's recorded consent
"""
