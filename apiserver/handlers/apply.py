"""Server-side apply: PATCH with ``application/apply-patch+yaml`` (``endpoints/handlers/patch.go``, v1.36)."""

from typing import Any

from apimachinery.clock import rfc3339
from apimachinery.errors import AlreadyExists, BadRequest, NotFound
from apimachinery.patch_types import PatchType
from apimachinery.schema.decoder import DecodeError, FieldValidation, without_nulls
from apiserver.fieldmanager.manager import FieldManager
from apiserver.handlers.context import Context, WriteOptions, write_options
from apiserver.handlers.create import create_object, settle_namespace
from apiserver.handlers.patching import media_type_of, shown
from apiserver.handlers.update import check_name, settle
from apiserver.http import Call
from apiserver.request import Target
from apiserver.storage import conflict
from apiserver.validation import field
from apiserver.validation.field import refusal
from store.interface import Record

JSONObject = dict[str, Any]

_TRIES = 5


class Application:
    """One apply request: what is applied, by whom, and whether against others."""

    def __init__(self, context: Context, call: Call, manager: FieldManager) -> None:
        """Read the request; raise 400 for a body that is no YAML object."""
        self.force = call.query.flag("force")
        self.config = read_configuration(call.body)
        self.manager = manager
        self._context = context
        self._call = call
        self._name = call.query.text("fieldManager")
        self._validation = call.query.field_validation()
        self._said = len(call.warnings)

    def on(self, live: JSONObject | None) -> JSONObject:
        """Return what the object becomes, in the version of the request and decoded."""
        info = self.manager.info
        now = rfc3339(self._context.clock.now())
        del self._call.warnings[self._said :]
        applied = self.manager.apply(live, self.config, self._name, force=self.force, now=now)
        self._check_duplicates()
        # What the type does not know has been refused, so the decoder only brings values to their canonical form.
        try:
            kept = applied if info.decoder.keeps_nulls else without_nulls(applied)
            return info.decoder.decode(kept, FieldValidation.IGNORE).object
        except DecodeError as error:
            raise refusal("", "", "", [field.invalid("patch", shown(applied), str(error))]) from error

    def _check_duplicates(self) -> None:
        from apimachinery import yaml_documents

        if self._validation is FieldValidation.IGNORE:
            return
        if problems := yaml_documents.duplicate_keys(self._call.body):
            text = yaml_documents.strict_error(problems)
            if self._validation is FieldValidation.STRICT:
                raise BadRequest(f"error strict decoding YAML: {text}")
            self._call.warnings.append(text.replace("\n", " "))


def is_apply(call: Call) -> bool:
    return media_type_of(call) == PatchType.APPLY


def read_configuration(body: bytes) -> JSONObject:
    from apimachinery import yaml_documents

    try:
        config = yaml_documents.parse(body)
    except yaml_documents.YAMLError as error:
        raise BadRequest(f"error decoding YAML: {error}") from error
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise BadRequest(
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
            f"{'array' if isinstance(config, list) else 'value'} into Go value of type map[string]interface {{}}"
        )
    return config


async def apply(context: Context, target: Target, call: Call) -> None:
    """Apply a configuration to an object or its status; an object that is not there is created (201)."""
    info, options = target.info, write_options(call)
    application = Application(context, call, context.field_managers.of(info, target.subresource))
    for attempt in range(_TRIES):
        try:
            record = await _update(context, target, application, options)
        except NotFound:
            if target.subresource:
                raise
        else:
            await call.answer(200, info.view(record.value))
            return
        try:
            created = await _create(context, target, application, options)
        except AlreadyExists:
            # Somebody else created it in between: now there is something to apply to.
            if attempt == _TRIES - 1:
                raise
        else:
            await call.answer(201, info.view(created.value))
            return


async def apply_to_existing(context: Context, target: Target, call: Call) -> Record:
    """Apply a configuration through a subresource that answers with a kind of its own; return its object."""
    application = Application(context, call, context.field_managers.of(target.info, target.subresource))
    return await _update(context, target, application, write_options(call))


async def _update(context: Context, target: Target, application: Application, options: WriteOptions) -> Record:
    info = target.info

    async def change(old: JSONObject) -> JSONObject:
        new = info.to_stored(application.on(old))
        settle_namespace(info, new["metadata"], target.namespace)
        check_name(new["metadata"], target.name)
        if new["metadata"].get("resourceVersion") == old["metadata"].get("resourceVersion"):
            # The configuration did not ask for a version: it fits whatever the object is by then.
            new["metadata"].pop("resourceVersion", None)
        return await settle(context, info, new, old, target.subresource, options, applied=True)

    return await context.objects.update(info, target.namespace, target.name, change, dry_run=options.dry_run)


async def _create(context: Context, target: Target, application: Application, options: WriteOptions) -> Record:
    info = target.info
    new = info.to_stored(application.on(None))
    metadata = new["metadata"]
    if uid := metadata.get("uid"):
        raise conflict(
            info,
            target.name,
            f"uid mismatch: the provided object specified uid {uid}, and no existing object was found",
        )
    metadata.pop("resourceVersion", None)
    settle_namespace(info, metadata, target.namespace)
    check_name(metadata, target.name)
    return await create_object(context, info, new, options, applied=True)
