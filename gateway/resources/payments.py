"""Money that needs a person: what does not match, and refunds that the bank does not pay (standard, section 4)."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.orders.api import (
    AttentionView,
    ListAttention,
    ListRefunds,
    OrdersApi,
    RecordPaidRefund,
    RetryRefund,
    SettlePayment,
    StaffRefundView,
)
from services.orders.api.ceiling import RaiseRefundCeiling, RefundCeilingView

blp = Resource("payments", "Money that needs a person: what does not match, and refunds that the bank does not pay")


@blp.get("/payments/attention", OrdersApi.list_attention)
def list_attention(query: ListAttention) -> Page[AttentionView]:
    return services().orders.list_attention(query)


@blp.post("/payments/<number(PAY):payment_id>/settle", OrdersApi.settle_payment)
def settle_payment(payment_id: str, settling: SettlePayment) -> AttentionView:
    return services().orders.settle_payment(payment_id, settling)


@blp.get("/refunds", OrdersApi.list_refunds)
def list_refunds(query: ListRefunds) -> Page[StaffRefundView]:
    return services().orders.list_refunds(query)


@blp.get("/refunds/ceiling", OrdersApi.get_refund_ceiling)
def get_refund_ceiling() -> RefundCeilingView:
    return services().orders.get_refund_ceiling()


@blp.post("/refunds/ceiling", OrdersApi.raise_refund_ceiling)
def raise_refund_ceiling(wish: RaiseRefundCeiling) -> RefundCeilingView:
    return services().orders.raise_refund_ceiling(wish)


@blp.post("/refunds/<number(REF):refund_id>/retry", OrdersApi.retry_refund)
def retry_refund(refund_id: str, retry: RetryRefund) -> StaffRefundView:
    return services().orders.retry_refund(refund_id, retry)


@blp.post("/refunds/<number(REF):refund_id>/paid", OrdersApi.record_paid_refund)
def record_paid_refund(refund_id: str, paid: RecordPaidRefund) -> StaffRefundView:
    return services().orders.record_paid_refund(refund_id, paid)
