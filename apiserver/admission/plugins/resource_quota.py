"""Nothing is created that a quota of its namespace does not allow.

``k8s.io/apiserver/pkg/admission/plugin/resourcequota``, v0.36. How much has been used is kept by
:class:`~apiserver.admission.quota.ledger.QuotaLedger` as objects are written, so a refusal, a dry run or a write that
fails later needs nothing to be taken back. This is the last check before the write: between the two no other write
gets a turn, as long as the store does not suspend.
"""

from apimachinery.amounts import ZERO, Amounts, listed
from apimachinery.quota.usage import CLAIMS, PODS, SERVICES, missing_constraints
from apiserver.admission.interface import AdmissionPlugin, Attributes, Operation
from apiserver.admission.quota.ledger import Account, QuotaLedger
from apiserver.admission.refusals import forbidden

_UNCOUNTED = frozenset({("", "events"), ("events.k8s.io", "events")})


class ResourceQuota(AdmissionPlugin):
    name = "ResourceQuota"

    def __init__(self, ledger: QuotaLedger) -> None:
        self._ledger = ledger

    def handles(self, operation: Operation, group: str, plural: str, subresource: str) -> bool:
        if operation is Operation.CREATE:
            return not subresource and (group, plural) not in _UNCOUNTED
        if operation is Operation.UPDATE:
            # What these take can grow while they live.
            return ((group, plural), subresource) in {(SERVICES, ""), (CLAIMS, ""), (PODS, "resize")}
        return False

    async def validate(self, attributes: Attributes) -> None:
        info = attributes.info
        if not info.namespaced:
            return
        accounts = await self._ledger.accounts(attributes.namespace)
        if not accounts:
            return
        obj = attributes.obj
        assert obj is not None
        resource = (info.stored.group, info.stored.plural)
        paying = [account for account in accounts if account.pays_for(resource, obj)]
        for account in paying:
            if resource == PODS and (why := missing_constraints(account.limited(resource), obj)):
                raise forbidden(attributes, f"failed quota: {account.name}: {why}")
        for account in paying:
            self._check(attributes, account, account.charge_of(resource, obj))

    def _check(self, attributes: Attributes, account: Account, charge: Amounts) -> None:
        before: Amounts = {}
        if attributes.operation is Operation.UPDATE:
            before = self._ledger.charged(attributes.info.key(attributes.namespace, attributes.name), account)
        requested = {name: one.minus(before.get(name, ZERO)) for name, one in charge.items()}
        exceeded = [
            name
            for name, more in requested.items()
            if more.number > 0 and account.used[name].number + more.number > account.hard[name].number
        ]
        if exceeded:
            raise forbidden(
                attributes,
                f"exceeded quota: {account.name}, requested: {listed(exceeded, requested)}, "
                f"used: {listed(exceeded, account.used)}, limited: {listed(exceeded, account.hard)}",
            )
