"""Aftersales: what comes back, why, in what condition, and what the customer gets for it (standard, section 4).

owns     orders as far as a return needs them (what was paid for each piece, delivery and where to, the return policy of
         that day); returns with their pieces, reviews, postage and refund claims
tables   orders order_units returns return_units return_reviews refund_claims return_postage
answers  request_return list_returns get_return review_return answer_info receive_return inspect_return take_second_look
         dispose_return send_back ask_postage decide_postage appeal_return withdraw_return choose_refund
         and what every service answers: get_timeline list_commitments list_breaches report_commitments count_promises
         get_health export_person verify_journal list_dead_letters redrive_letters list_upcoming
emits    return_requested return_files_named return_info_requested return_info_answered return_authorized
         return_rejection_proposed return_rejected return_appealed return_withdrawn return_sent return_lapsed
         return_received return_inspected return_second_look_wanted return_sent_back return_pieces_withdrawn
         return_disposed refund_claimed exchange_claimed exchange_withdrawn return_refund_chosen return_exchange_ended
         return_exchanged return_exchange_taken_back return_postage_asked return_postage_look_wanted
         return_postage_decided return_refunded return_refund_taken_back return_closed returns_erased
         and what every service emits: breach_attributed commitment_at_risk commitment_breached
follows  orders: order_placed order_changed order_divided remedy_accepted order_cancelled refund_submitted refund_failed
         refund_settled exchange_refused order_erased
         logistics: shipment_delivered delivery_taken_back
keeps    return_review verification postage send_back refund
"""
