"""Orders: the catalogue, the stock, and every order from placing to completion.

owns     products, stock and its ledger, orders, their review, payments and refunds, change requests,
         what is done about parcels that do not arrive
tables   products orders order_lines review_checks payments attention refunds refund_units changes remedies fulfillments
         kept_records webhooks search_words disputes movements differences comparisons discounts order_holds backorders
         stock stock_ledger stock_places stock_elsewhere documents document_series exchanges
answers  hold_order release_order list_holds quote_order list_discounts get_discount put_discount list_destinations
         get_address_form list_stock_places put_stock_place list_products get_product get_stock put_product adjust_stock
         move_stock import_products preview_import list_reviews decide_review list_remedies answer_remedy open_remedy
         receive_goods preview_edit edit_order list_changes propose_change withdraw_change answer_change
         get_refund_ceiling raise_refund_ceiling list_refunds retry_refund record_paid_refund list_books compare_books
         list_disputes get_dispute answer_dispute list_documents start_payment receive_payment_webhook list_attention
         settle_payment get_payments list_movements report_ledger place_order get_order list_orders
         list_orders_to_export authorize_order_access release_hold cancel_order
         and what every service answers: get_timeline list_commitments list_breaches report_commitments count_promises
         get_health export_person verify_journal list_dead_letters redrive_letters list_upcoming
emits    goods_arrived refund_counted refund_ceiling_reached refund_ceiling_raised discount_saved dispute_answered
         dispute_decided chargeback_returned document_issued edit_requested exchange_arranged exchange_refused
         exchange_stopped foreign_money_returned goodwill_granted goodwill_refused resend_offered order_changed
         order_divided stock_moved stock_place_saved order_erased orders_sorted product_saved stock_adjusted stock_freed
         stock_low books_unread goods_received remedy_accepted remedy_closed remedy_drafted remedy_overtaken
         remedy_requested erasures_held_up review_needs_contact review_passed order_placed order_expired hold_released
         order_revived order_completed order_reopened payment_started payment_captured payment_failed payment_disputed
         payment_needs_attention payment_settled unknown_payment_found unknown_payment_settled dispatch_held
         dispatch_released stock_short stock_covered change_requested change_accepted change_declined change_closed
         cancellation_requested cancellation_refused order_cancelled refund_due refund_submitted refund_settled
         refund_failed refund_part_moved hand_payment_recorded
         and what every service emits: breach_attributed commitment_at_risk commitment_breached
follows  orders: payment_captured order_expired stock_adjusted stock_freed
         logistics: shipment_created shipment_sorted shipment_packed shipment_adjusted edit_cleared edit_refused
         shipment_dispatched tracking_updated parcel_corrected shipment_delivered delivery_taken_back shipment_recalled
         parcel_not_arriving parcel_turned_up shipment_closed recall_refused
         aftersales: refund_claimed exchange_claimed exchange_withdrawn return_disposed
         support: customer_notified ticket_opened message_posted goodwill_asked resend_asked erasure_confirmed
keeps    review shortage_contact remedy payment_attention dispute_evidence refund
law      captured = kept for the order + on its way back + in front of a person (domain/account.py)
         no code path changes or cancels a confirmed order without the customer's recorded consent
"""
