"""Aftersales: what comes back, why, in what condition, and what the customer gets for it (standard, section 4).

owns     orders as far as a return needs them (what was paid for each piece, delivery and where to, the return policy of
         that day); returns with their pieces, reviews, postage and refund claims
answers  request_return, get_return, list_returns, review_return, answer_info, receive_return, inspect_return,
         take_second_look, dispose_return, send_back, ask_postage, decide_postage, appeal_return,
         withdraw_return, and what every service answers
emits    return_requested, return_info_requested, return_authorized, return_rejected, return_appealed, return_received,
         return_inspected, return_second_look_wanted, refund_claimed, return_refunded, return_disposed,
         return_sent_back, return_refund_taken_back, return_postage_asked,
         return_postage_decided, return_closed, returns_erased, and the steps between them
follows  orders: order_placed, order_changed, remedy_accepted, order_cancelled, refund_submitted, refund_settled,
         refund_failed, order_erased;
         logistics: shipment_delivered, delivery_taken_back
"""
