"""Reads a configuration file: YAML or JSON in, profiles and settings out, or a text that names the field at fault."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import orjson
import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from apimachinery.duration import parse_duration
from apimachinery.errors import FatalError
from apimachinery.field_errors import lines
from kubeclient.leader_election import Election
from scheduler.config.args import ARGS, ConfigModel, NodeResourcesFitArgs, PluginArgs
from scheduler.config.profiles import profile_of
from scheduler.config.types import API_VERSION, KIND, KubeSchedulerConfiguration
from scheduler.config.validation import validate
from scheduler.framework.interface import Profile
from scheduler.settings import Settings

M = TypeVar("M", bound=ConfigModel)


class ConfigError(FatalError):
    """A configuration that cannot be used; the text says what and where."""


class Configuration:
    """A valid file: what it says, and its profiles as the framework takes them."""

    def __init__(self, document: KubeSchedulerConfiguration, profiles: Sequence[Profile]) -> None:
        self.document = document
        self.profiles = tuple(profiles)

    def applied_to(self, settings: Settings) -> Settings:
        """Return settings with what the file says in their place."""
        return replace(
            settings,
            pod_initial_backoff_seconds=float(self.document.pod_initial_backoff_seconds),
            pod_max_backoff_seconds=float(self.document.pod_max_backoff_seconds),
        )

    def election(self, default: Election | None) -> Election | None:
        """Return the election that the file asks for, ``None`` for none; ``default`` when it says nothing of that."""
        if "leader_election" not in self.document.model_fields_set:
            return default
        chosen = self.document.leader_election
        if not chosen.leader_elect:
            return None
        return Election(
            resource_name=chosen.resource_name,
            resource_namespace=chosen.resource_namespace,
            lease_duration=parse_duration(chosen.lease_duration),
            renew_deadline=parse_duration(chosen.renew_deadline),
            retry_period=parse_duration(chosen.retry_period),
        )


def load(path: Path) -> Configuration:
    """Return what the file says; raises :class:`ConfigError` for one that cannot be read or used."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--config {path}: {error}") from error
    try:
        return parse(text)
    except ConfigError as error:
        raise ConfigError(f"--config {path}: {error}") from error


def parse(text: str) -> Configuration:
    """Return what the text of a file says; raises :class:`ConfigError`."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"error converting YAML to JSON: {error}") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"must be an object of kind {KIND}")
    given = (raw.get("apiVersion"), raw.get("kind"))
    if given != (API_VERSION, KIND):
        raise ConfigError(f'no kind "{given[1]}" is registered for version "{given[0]}"; want {KIND} of {API_VERSION}')
    document = _decode(KubeSchedulerConfiguration, raw, "")
    args = [
        {
            entry.name: _args(entry.name, entry.args, f"profiles[{index}].pluginConfig[{position}].args")
            for position, entry in enumerate(profile.plugin_config)
        }
        for index, profile in enumerate(document.profiles)
    ]
    causes = validate(document, args)
    if causes:
        raise ConfigError("; ".join(lines(causes)))
    profiles = [profile_of(profile, args[index]) for index, profile in enumerate(document.profiles)]
    return Configuration(document, profiles)


def _args(plugin: str, raw: Any, path: str) -> Any:
    """Return a built-in plugin's arguments typed and defaulted, anybody else's as they are."""
    known = ARGS.get(plugin)
    if known is None:
        return raw
    raw = {} if raw is None else raw
    if not isinstance(raw, Mapping):
        raise ConfigError(f"{path}: Invalid value: {_shown(raw)}: has to match plugin args")
    kind = raw.get("kind") or known.__name__
    if kind != known.__name__:
        raise ConfigError(f'{path}.kind: Invalid value: "{kind}": has to match plugin args')
    return _defaulted(_decode(known, raw, path))


def _defaulted(args: PluginArgs) -> PluginArgs:
    """Fill in what depends on other fields: a strategy without resources, and weights of 0."""
    if isinstance(args, NodeResourcesFitArgs):
        strategy = args.scoring_strategy
        resources = strategy.resources or type(strategy)().resources
        weighted = tuple(entry.model_copy(update={"weight": entry.weight or 1}) for entry in resources)
        return args.model_copy(update={"scoring_strategy": strategy.model_copy(update={"resources": weighted})})
    return args


def _decode(model: type[M], raw: Mapping[str, Any], path: str) -> M:
    try:
        # As JSON, so that lists become tuples while a text never becomes a number.
        return model.model_validate_json(orjson.dumps(raw))
    except (ValidationError, orjson.JSONEncodeError) as error:
        if not isinstance(error, ValidationError):
            raise ConfigError(f"{path or 'the file'} is no JSON: {error}") from error
        raise ConfigError("; ".join(_problem(entry, path) for entry in error.errors())) from error


def _problem(error: ErrorDetails, path: str) -> str:
    where = path
    for part in error["loc"]:
        where += f"[{part}]" if isinstance(part, int) else f".{part}"
    where = where.removeprefix(".")
    if error["type"] == "extra_forbidden":
        return f'strict decoding error: unknown field "{where}"'
    if error["type"] == "missing":
        return f"{where}: Required value"
    return f"{where}: Invalid value: {_shown(error['input'])}: {error['msg'].lower()}"


def _shown(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
