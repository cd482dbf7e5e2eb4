"""Support on the bus: the calls it answers, the events it follows, and, in `jobs`, what it does by itself."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.basics.api import Period, TimelinePart
from services.common.basics.shapes import Page
from services.common.runtime.service import Service, opens_its_own
from services.common.store.database import in_one
from services.support import api
from services.support.answering import SupportAnswers
from services.support.api import complaint_views
from services.support.api import complaints as complaint_api
from services.support.api import uploads as sent
from services.support.api.api_keys import ApiKeyList, KeyCheck, MakeApiKey, NewApiKey
from services.support.api.escalation import EscalateTicket
from services.support.api.mail_choices import ChooseMails, MailChoices
from services.support.api.privacy import ListPrivacyRequests
from services.support.api.sorting import PutRules, RuleList, RulePreview, SortingRule
from services.support.api.teams import AvailabilityList, AvailabilityView, PutAvailability, PutTeam, TeamList, TeamView
from services.support.api.terms import CAUSES
from services.support.api.workload import WorkloadReport
from services.support.follows import FOLLOWS
from services.support.handlers import (
    access,
    api_keys,
    canned,
    complaints,
    escalating,
    factors,
    links,
    opening,
    own_mails,
    passkeys,
    privacy,
    reads,
    sessions,
    sign_in,
    sorting,
    staff,
    suggestions,
    teams,
    tickets,
    uploads,
    verifying,
    workload,
    writing,
)
from services.support.jobs import SupportJobs
from services.support.reporting import SupportReports
from services.support.repository import Work
from services.support.triaging import SupportTriage
from services.support.webhooking import SupportWebhooks


class SupportService(
    SupportJobs, SupportAnswers, SupportTriage, SupportReports, SupportWebhooks, Service, api.SupportApi
):
    name = "support"
    causes = CAUSES
    work: Work
    follows = FOLLOWS
    gather_seconds = 0.25

    def personal_data(self) -> Mapping[str, object]:
        return privacy.export_conversations(self.work)

    def may_see_order(self, order_number: str) -> bool:
        return super().may_see_order(order_number) or access.owns_order(self.work, order_number)

    # tickets

    @opens_its_own
    def open_ticket(self, form: api.ContactForm) -> api.TicketReceipt:
        return opening.open_ticket(self.transaction, form)

    def list_answer_times(self) -> api.AnswerTimes:
        return opening.list_answer_times(self.work)

    def begin_ticket(self, begun: api.BeginTicket) -> api.TicketSummary:
        return opening.begin_ticket(self.work, begun)

    def amend_ticket(self, number: str, request: api.AmendTicket) -> api.TicketSummary:
        return tickets.amend_ticket(self.work, number, request)

    def get_ticket_timeline(self, number: str) -> TimelinePart:
        return tickets.get_ticket_timeline(self.work, number)

    def get_ticket(self, number: str) -> api.TicketView:
        return tickets.get_ticket(self.work, number)

    def list_tickets(self, query: api.ListTickets) -> api.TicketPage:
        return tickets.list_tickets(self.work, query)

    def post_message(self, number: str, request: api.PostMessage) -> api.PostedMessage:
        return canned.post_message(self.work, number, request)

    def assign_ticket(self, number: str, request: api.AssignTicket) -> api.TicketSummary:
        return tickets.assign_ticket(self.work, number, request)

    def resolve_ticket(self, number: str, request: api.ResolveTicket) -> api.TicketSummary:
        return tickets.resolve_ticket(self.work, number, request)

    def reopen_ticket(self, number: str, request: api.ReopenTicket) -> api.PostedMessage:
        return writing.reopen_ticket(self.work, number, request)

    def close_ticket(self, number: str, request: api.CloseTicket) -> api.TicketSummary:
        return tickets.close_ticket(self.work, number, request)

    def mark_spam(self, number: str, request: api.MarkSpam) -> api.TicketSummary:
        return tickets.mark_spam(self.work, number, request)

    def restore_ticket(self, number: str, request: api.RestoreTicket) -> api.TicketSummary:
        return tickets.restore_ticket(self.work, number, request)

    def request_ticket_link(self, number: str, request: api.RequestTicketLink) -> api.Accepted:
        return links.request_ticket_link(self.work, number, request)

    def request_order_link(self, number: str, request: api.RequestOrderLink) -> api.Accepted:
        return links.request_order_link(self.work, number, request)

    def exchange_ticket_token(self, token: str) -> api.TicketAccess:
        return links.exchange_ticket_token(self.work, token)

    def check_order_link(self, number: str, link_id: str) -> api.LinkCheck:
        return links.check_order_link(self.work, number, link_id)

    def list_order_links(self, number: str) -> api.LinkList:
        return links.list_order_links(self.work, number)

    def end_order_link(self, number: str, link_id: str) -> api.Accepted:
        return links.end_order_link(self.work, number, link_id)

    def end_order_links(self, number: str) -> api.Accepted:
        return links.end_order_links(self.work, number)

    def list_ticket_links(self, number: str) -> api.LinkList:
        return links.list_ticket_links(self.work, number)

    def end_ticket_link(self, number: str, link_id: str) -> api.Accepted:
        return links.end_ticket_link(self.work, number, link_id)

    def end_ticket_links(self, number: str) -> api.Accepted:
        return links.end_ticket_links(self.work, number)

    # who gets them

    def list_teams(self) -> TeamList:
        return teams.list_teams(self.work)

    def get_team(self, name: str) -> TeamView:
        return teams.get_team(self.work, name)

    def put_team(self, name: str, team: PutTeam) -> TeamView:
        return teams.put_team(self.work, name, team)

    def delete_team(self, name: str) -> TeamList:
        return teams.delete_team(self.work, name)

    def list_availability(self) -> AvailabilityList:
        return teams.list_availability(self.work)

    def get_own_availability(self) -> AvailabilityView:
        return teams.get_own_availability(self.work)

    def put_own_availability(self, wish: PutAvailability) -> AvailabilityView:
        return teams.put_own_availability(self.work, wish)

    def put_availability(self, email: str, wish: PutAvailability) -> AvailabilityView:
        return teams.put_availability(self.work, email, wish)

    def get_rules(self) -> RuleList:
        return sorting.get_rules(self.work)

    def put_rules(self, rules: PutRules) -> RuleList:
        return sorting.put_rules(self.work, rules)

    def preview_rule(self, rule: SortingRule) -> RulePreview:
        return sorting.preview_rule(self.work, rule)

    def report_workload(self, period: Period) -> WorkloadReport:
        return workload.report_workload(self.work, period)

    def escalate_ticket(self, number: str, request: EscalateTicket) -> api.TicketSummary:
        return escalating.escalate_ticket(self.work, number, request)

    # what is looked into

    def verify_ticket(self, number: str, request: api.VerifyTicket) -> api.VerificationView:
        return verifying.verify_ticket(self.work, number, request)

    def list_verifications(self, query: api.ListVerifications) -> Page[api.VerificationView]:
        return verifying.list_verifications(self.work, query)

    def get_verification(self, verification_id: str) -> api.VerificationView:
        return verifying.get_verification(self.work, verification_id)

    def draft_answer(self, verification_id: str, request: api.DraftAnswer) -> api.VerificationView:
        return verifying.draft_answer(self.work, verification_id, request)

    def decide_verification(self, verification_id: str, request: api.DecideVerification) -> api.VerificationView:
        return verifying.decide_verification(self.work, verification_id, request)

    # complaints

    def step_complaint(self, number: str, request: complaint_api.StepComplaint) -> complaint_views.ComplaintView:
        return complaints.step_complaint(self.work, number, request)

    def object_to_decision(self, number: str, request: complaint_api.ObjectToDecision) -> complaint_views.ComplaintView:
        return complaints.object_to_decision(self.work, number, request)

    def list_complaints(self, query: complaint_api.ListComplaints) -> Page[complaint_views.ComplaintView]:
        return complaints.list_complaints(self.work, query)

    def report_complaints(self, query: complaint_api.ReportComplaints) -> complaint_views.ComplaintReport:
        return complaints.report_complaints(self.work, query)

    def list_decided_complaints(self, query: complaint_api.ListDecided) -> Page[complaint_views.DecidedComplaint]:
        return complaints.list_decided_complaints(self.work, query)

    # files

    @opens_its_own
    def begin_form(self) -> sent.UploadForm:
        return in_one(self.transaction, uploads.begin_form)

    def begin_upload(self, begun: sent.BeginUpload) -> sent.BegunUpload:
        return uploads.begin_upload(self.work, begun)

    @opens_its_own
    def finish_upload(self, upload_id: str, found: sent.FinishUpload) -> sent.UploadView:
        return in_one(self.transaction, lambda work: uploads.finish_upload(work, upload_id, found))

    @opens_its_own
    def reserve_uploads(self, reserved: sent.ReserveUploads) -> api.Accepted:
        return in_one(self.transaction, lambda work: uploads.reserve_uploads(work, reserved))

    def open_upload(self, upload_id: str) -> sent.OpenedUpload:
        return uploads.open_upload(self.work, upload_id)

    # suggestions

    def list_suggestions(self, query: api.ListSuggestions) -> Page[api.SuggestionView]:
        return suggestions.list_suggestions(self.work, query)

    def move_suggestion(self, suggestion_id: str, request: api.MoveSuggestion) -> api.SuggestionView:
        return suggestions.move_suggestion(self.work, suggestion_id, request)

    def follow_suggestion(self, suggestion_id: str, request: api.FollowSuggestion) -> api.PublicSuggestion:
        return suggestions.follow_suggestion(self.work, suggestion_id, request)

    # sign-in

    def request_sign_in(self, request: api.RequestSignIn) -> api.SignInRequested:
        return sign_in.request_sign_in(self.work, request)

    @opens_its_own
    def verify_sign_in(self, request: api.VerifySignIn) -> api.SignedIn:
        return sign_in.verify_sign_in(self.transaction, request)

    def refresh_session(self, request: api.RefreshSession) -> api.Refreshed:
        return sessions.refresh_session(self.work, request)

    def check_session(self, session_id: str) -> api.SessionCheck:
        return sessions.check_session(self.work, session_id)

    def list_sessions(self) -> api.SessionList:
        return sessions.list_sessions(self.work)

    def end_session(self, session_id: str) -> api.Accepted:
        return sessions.end_session(self.work, session_id)

    def end_sessions(self) -> api.Accepted:
        return sessions.end_sessions(self.work)

    def sign_out(self) -> api.Accepted:
        return sessions.sign_out(self.work)

    @opens_its_own
    def begin_factor(self) -> api.BegunFactor:
        return in_one(self.transaction, factors.begin_factor)

    @opens_its_own
    def confirm_factor(self, request: api.ConfirmFactor) -> api.RecoveryCodes:
        return factors.confirm_factor(self.transaction, request)

    def list_factors(self) -> api.FactorList:
        return passkeys.list_factors(self.work)

    @opens_its_own
    def begin_passkey(self) -> api.BegunPasskey:
        return in_one(self.transaction, passkeys.begin_passkey)

    @opens_its_own
    def confirm_passkey(self, request: api.ConfirmPasskey) -> api.NewPasskey:
        return in_one(self.transaction, lambda work: passkeys.confirm_passkey(work, request))

    def remove_passkey(self, passkey_id: str) -> api.Accepted:
        return passkeys.remove_passkey(self.work, passkey_id)

    # keys of the shop's own systems

    def list_api_keys(self) -> ApiKeyList:
        return api_keys.list_keys(self.work)

    @opens_its_own
    def make_api_key(self, wish: MakeApiKey) -> NewApiKey:
        return in_one(self.transaction, lambda work: api_keys.make_key(work, wish))

    def end_api_key(self, key_id: str) -> api.Accepted:
        return api_keys.end_key(self.work, key_id)

    @opens_its_own
    def check_api_key(self, secret_hash: str) -> KeyCheck:
        return api_keys.check_key(self.transaction, secret_hash)

    # reads of personal data

    @opens_its_own
    def record_read(self, read: api.RecordRead) -> api.Accepted:
        return in_one(self.transaction, lambda work: reads.record_read(work, read))

    def list_reads(self, query: api.ListReads) -> Page[api.ReadView]:
        return reads.list_reads(self.work, query)

    # staff

    def list_staff(self) -> api.StaffList:
        return staff.list_staff(self.work)

    def get_staff(self, email: str) -> api.StaffView:
        return staff.get_staff(self.work, email)

    def put_staff(self, email: str, person: api.PutStaff) -> api.StaffView:
        return staff.put_staff(self.work, email, person)

    def deactivate_staff(self, email: str) -> api.StaffView:
        return staff.deactivate_staff(self.work, email)

    def reset_factor(self, email: str) -> api.StaffView:
        return staff.reset_factor(self.work, email)

    def get_mail_choices(self) -> MailChoices:
        return own_mails.get_mail_choices(self.work)

    def choose_mails(self, request: ChooseMails) -> MailChoices:
        return own_mails.choose_mails(self.work, request)

    # a customer's own data

    def request_export(self) -> api.PrivacyRequestView:
        return privacy.ask(self.work, api.PrivacyKind.EXPORT)

    def request_erasure(self) -> api.PrivacyRequestView:
        return privacy.ask(self.work, api.PrivacyKind.ERASURE)

    @opens_its_own
    def confirm_privacy_request(self, number: str, request: api.ConfirmPrivacy) -> api.PrivacyRequestView:
        return privacy.confirm(self.transaction, number, request)

    def list_privacy_requests(self, query: ListPrivacyRequests) -> Page[api.PrivacyRequestView]:
        return privacy.list_requests(self.work, query)

    def open_export(self, token: str) -> api.ExportOwner:
        return privacy.open_export(self.work, token)
