"""Support: the one channel through which customers reach us, and through which we reach them.

owns     tickets, messages, ratings, contacts of orders, staff, sign-in codes, sessions and second factors,
         links of guests, outgoing mail
tables   tickets messages ticket_links link_requests notifications search_words staff sessions known_browsers factors
         recovery_codes passkeys staff_reads staff_read_subjects order_links sign_in_codes sign_in_requests
         sign_in_limits privacy_requests order_contacts verifications suggestions suggestion_followers teams presences
         assignments rule_books rungs rung_mails mail_choices incoming_mails unreachable_mailboxes canned_replies
         quality_reviews drafts merges relations complaints uploads ratings facts quarantines api_keys webhook_endpoints
         webhook_deliveries articles article_versions article_feedback
answers  list_api_keys make_api_key end_api_key check_api_key list_webhook_endpoints add_webhook_endpoint
         change_webhook_endpoint renew_webhook_secret remove_webhook_endpoint list_webhook_deliveries
         replay_webhook_delivery report_satisfaction report_times report_rejections report_deflection get_rating_link
         rate_by_link report_workload record_read list_reads request_export request_erasure confirm_privacy_request
         list_privacy_requests open_export list_mail_aside get_mail_choices choose_mails list_staff get_staff put_staff
         deactivate_staff reset_factor check_order_link list_order_links end_order_link end_order_links
         list_ticket_links end_ticket_link end_ticket_links list_factors begin_factor confirm_factor begin_passkey
         confirm_passkey remove_passkey request_sign_in verify_sign_in refresh_session check_session list_sessions
         end_session end_sessions sign_out list_quality review_answer report_quality save_draft list_replies put_reply
         delete_reply preview_reply list_without_basis get_article_at list_articles get_article get_article_versions
         preview_article propose_article put_article publish_article withdraw_article give_feedback list_suggestions
         move_suggestion follow_suggestion step_complaint object_to_decision list_complaints report_complaints
         list_decided_complaints verify_ticket list_verifications get_verification draft_answer decide_verification
         escalate_ticket get_rules put_rules preview_rule list_teams get_team put_team delete_team list_availability
         get_own_availability put_own_availability put_availability begin_form begin_upload finish_upload
         reserve_uploads open_upload merge_ticket unmerge_ticket split_ticket relate_ticket unrelate_ticket
         batch_tickets open_ticket list_answer_times begin_ticket amend_ticket get_ticket_timeline get_ticket
         list_tickets post_message assign_ticket resolve_ticket reopen_ticket close_ticket mark_spam restore_ticket
         rate_ticket request_ticket_link request_order_link exchange_ticket_token
         and what every service answers: get_timeline list_commitments list_breaches report_commitments count_promises
         get_health export_person verify_journal list_dead_letters redrive_letters list_upcoming
emits    api_key_made api_key_ended article_saved article_published article_withdrawn article_rated reply_saved
         reply_deleted complaint_received complaint_acknowledged complaint_moved complaint_decided complaint_objected
         complaint_improved goodwill_asked resend_asked ticket_escalated escalation_answered rung_told factor_removed
         factor_set session_ended session_started staff_changed answer_reviewed availability_changed rules_changed
         team_changed team_removed ticket_gave_back ticket_merged ticket_related ticket_split ticket_took_in
         ticket_unmerged webhook_endpoint_moved webhook_replayed ticket_opened ticket_quarantined message_posted
         note_posted ticket_assigned ticket_amended ticket_moved verification_requested answer_drafted draft_sent_back
         answer_verified suggestion_received suggestion_moved suggestion_edited ticket_resolved ticket_closed
         ticket_reopened ticket_rated customer_notified notification_failed erasure_confirmed export_confirmed
         privacy_request_ended links_ended
         and what every service emits: breach_attributed commitment_at_risk commitment_breached
follows  orders: order_placed payment_captured payment_failed payment_needs_attention unknown_payment_found
         dispute_decided books_unread refund_ceiling_reached erasures_held_up stock_low review_passed
         review_needs_contact change_requested change_accepted change_declined change_closed order_changed
         cancellation_requested order_cancelled order_expired refund_settled refund_failed goodwill_granted
         resend_offered goodwill_refused remedy_requested remedy_accepted remedy_closed exchange_arranged
         remedy_overtaken orders_sorted commitment_at_risk commitment_breached
         logistics: shipments_erased shipment_dispatched recall_refused parcel_corrected tracking_updated
         parcel_facts_told parcel_delivered delivery_taken_back parcel_exception parcel_stuck box_photographed
         commitment_at_risk commitment_breached
         aftersales: returns_erased return_requested return_files_named return_info_requested return_authorized
         return_rejected return_received return_inspected return_sent_back return_refunded return_exchange_ended
         return_refund_chosen return_postage_asked return_postage_decided commitment_at_risk commitment_breached
         support: commitment_at_risk commitment_breached
keeps    first_response next_response complete_answer resolution update lead_answer suggestion_review
         complaint_acknowledgment complaint_decision privacy_request
"""
