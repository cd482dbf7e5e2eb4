"""Orders: the catalogue, the stock, and every order from placing to completion.

owns     products, stock and its ledger, orders, their review, payments and refunds, change requests,
         what is done about parcels that do not arrive
answers  list_products get_product get_stock put_product adjust_stock import_products
         place_order get_order list_orders authorize_order_access cancel_order release_hold
         start_payment receive_payment_webhook list_attention settle_payment
         list_refunds retry_refund record_paid_refund
         list_remedies answer_remedy open_remedy receive_goods
         list_reviews decide_review list_changes propose_change withdraw_change answer_change
         get_timeline list_commitments report_commitments get_health export_person verify_journal
emits    order_placed hold_released order_expired order_revived order_completed order_reopened order_changed
         order_cancelled
         payment_started payment_captured payment_failed payment_disputed payment_needs_attention
         payment_settled dispatch_held dispatch_released
         review_passed review_needs_contact stock_short stock_covered
         change_requested change_accepted change_declined change_closed
         cancellation_requested cancellation_refused
         remedy_drafted remedy_requested remedy_accepted remedy_closed remedy_overtaken goods_received
         orders_sorted order_erased
         refund_due refund_submitted refund_settled refund_failed refund_part_moved hand_payment_recorded
         product_saved stock_adjusted stock_freed
follows  orders: payment_captured order_expired stock_adjusted stock_freed
         logistics: shipment_created shipment_sorted shipment_packed shipment_dispatched tracking_updated
         shipment_delivered delivery_taken_back shipment_recalled recall_refused parcel_not_arriving parcel_turned_up
         shipment_closed
         aftersales: refund_claimed return_disposed
         support: customer_notified ticket_opened message_posted erasure_confirmed
keeps    review shortage_contact remedy payment_attention refund
law      captured = kept for the order + on its way back + in front of a person (domain/account.py)
         no code path changes or cancels a confirmed order without the customer's recorded consent
"""
