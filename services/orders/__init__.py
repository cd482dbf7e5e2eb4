"""Orders: the catalogue, the stock, and every order from placing to completion.

owns     products, stock and its ledger, orders, their review, payments and refunds, change requests
answers  list_products get_product put_product adjust_stock import_products · place_order get_order list_orders
         start_payment cancel_order authorize_order_access · list_changes propose_change answer_change
         list_reviews decide_review · receive_payment_webhook
emits    order_placed payment_captured review_passed change_requested order_changed refund_settled … (contracts/)
follows  logistics: shipment_* tracking_updated recall_refused · aftersales: refund_claimed · support:
         customer_notified · itself: payment_captured stock_adjusted
         stock_freed
law      no code path changes or cancels a confirmed order without the customer's recorded consent
"""
