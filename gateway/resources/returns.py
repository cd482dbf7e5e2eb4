"""Returns over HTTP: a customer asks, the after-sales team decides, the goods come, the money goes (section 4)."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.resources import uploads
from services.aftersales.api import AftersalesApi
from services.aftersales.api.pieces import DisposeReturn, SendBack, TakeSecondLook
from services.aftersales.api.postage import AskPostage, DecidePostage
from services.aftersales.api.replies import ReturnView
from services.aftersales.api.returns import (
    AnswerInfo,
    AppealReturn,
    ChooseRefund,
    InspectReturn,
    ListReturns,
    ReceiveReturn,
    RequestReturn,
    ReviewReturn,
    WithdrawReturn,
)
from services.common.basics.shapes import Page
from services.support.api.uploads import UploadMissing

ITEM = "/returns/<number(RET):number>"

blp = Resource("returns", "Sending goods back within 60 days of delivery, and getting all of the money")


@blp.post("/returns", AftersalesApi.request_return, status=201, errors=(UploadMissing,))
def request_return(request: RequestReturn) -> ReturnView:
    uploads.reserve(request.evidence)
    return services().aftersales.request_return(request)


@blp.get("/returns", AftersalesApi.list_returns)
def list_returns(query: ListReturns) -> Page[ReturnView]:
    return services().aftersales.list_returns(query)


@blp.get(ITEM, AftersalesApi.get_return)
def get_return(number: str) -> ReturnView:
    return services().aftersales.get_return(number)


@blp.post(f"{ITEM}/review", AftersalesApi.review_return)
def review_return(number: str, review: ReviewReturn) -> ReturnView:
    return services().aftersales.review_return(number, review)


@blp.post(f"{ITEM}/info", AftersalesApi.answer_info)
def answer_info(number: str, told: AnswerInfo) -> ReturnView:
    return services().aftersales.answer_info(number, told)


@blp.post(f"{ITEM}/receipt", AftersalesApi.receive_return)
def receive_return(number: str, receipt: ReceiveReturn) -> ReturnView:
    return services().aftersales.receive_return(number, receipt)


@blp.post(f"{ITEM}/inspection", AftersalesApi.inspect_return, errors=(UploadMissing,))
def inspect_return(number: str, inspection: InspectReturn) -> ReturnView:
    uploads.reserve(*(piece.evidence for piece in (*inspection.units, *inspection.lines)))
    return services().aftersales.inspect_return(number, inspection)


@blp.post(f"{ITEM}/second-look", AftersalesApi.take_second_look, errors=(UploadMissing,))
def take_second_look(number: str, look: TakeSecondLook) -> ReturnView:
    uploads.reserve(*(piece.evidence for piece in (*look.units, *look.lines)))
    return services().aftersales.take_second_look(number, look)


@blp.post(f"{ITEM}/disposition", AftersalesApi.dispose_return)
def dispose_return(number: str, disposal: DisposeReturn) -> ReturnView:
    return services().aftersales.dispose_return(number, disposal)


@blp.post(f"{ITEM}/sent-back", AftersalesApi.send_back)
def send_back(number: str, sent: SendBack) -> ReturnView:
    return services().aftersales.send_back(number, sent)


@blp.post(f"{ITEM}/postage", AftersalesApi.ask_postage, errors=(UploadMissing,))
def ask_postage(number: str, asked: AskPostage) -> ReturnView:
    uploads.reserve(asked.evidence)
    return services().aftersales.ask_postage(number, asked)


@blp.post(f"{ITEM}/postage/decision", AftersalesApi.decide_postage)
def decide_postage(number: str, decided: DecidePostage) -> ReturnView:
    return services().aftersales.decide_postage(number, decided)


@blp.post(f"{ITEM}/appeal", AftersalesApi.appeal_return)
def appeal_return(number: str, appeal: AppealReturn) -> ReturnView:
    return services().aftersales.appeal_return(number, appeal)


@blp.post(f"{ITEM}/withdrawal", AftersalesApi.withdraw_return)
def withdraw_return(number: str, withdrawal: WithdrawReturn) -> ReturnView:
    return services().aftersales.withdraw_return(number, withdrawal)


@blp.post(f"{ITEM}/outcome", AftersalesApi.choose_refund)
def choose_refund(number: str, chosen: ChooseRefund) -> ReturnView:
    return services().aftersales.choose_refund(number, chosen)
