"""Rules that sort what comes in (standard, section 5)."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.support.api import SupportApi
from services.support.api.sorting import PutRules, RuleList, RulePreview, SortingRule

blp = Resource("rules", "What a new message is about, how urgent it is, whose it is")


@blp.get("/rules", SupportApi.get_rules)
def get_rules() -> RuleList:
    return services().support.get_rules()


@blp.put("/rules", SupportApi.put_rules)
def put_rules(rules: PutRules) -> RuleList:
    return services().support.put_rules(rules)


@blp.post("/rules/preview", SupportApi.preview_rule)
def preview_rule(rule: SortingRule) -> RulePreview:
    return services().support.preview_rule(rule)
