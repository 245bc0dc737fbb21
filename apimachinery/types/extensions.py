"""``apiextensions.k8s.io/v1``: what kinds custom resources have, without what their objects look like."""

from typing import ClassVar

from pydantic import ConfigDict, Field

from apimachinery.types.base import Condition, Model, Object


class _Brief(Model):
    """Read only, so that what is not looked at, above all the schemas, need not be kept."""

    model_config = ConfigDict(extra="ignore")


class CustomResourceDefinitionNames(_Brief):
    kind: str
    plural: str


class CustomResourceDefinitionVersion(_Brief):
    name: str
    served: bool = False
    storage: bool = False


class CustomResourceDefinitionSpec(_Brief):
    group: str
    names: CustomResourceDefinitionNames
    scope: str
    versions: list[CustomResourceDefinitionVersion]


class CustomResourceDefinitionStatus(_Brief):
    conditions: list[Condition] = Field(default_factory=list)


class CustomResourceDefinition(Object):
    """Not to be written back: it has not kept everything."""

    API_VERSION: ClassVar[str] = "apiextensions.k8s.io/v1"
    KIND: ClassVar[str] = "CustomResourceDefinition"

    spec: CustomResourceDefinitionSpec
    status: CustomResourceDefinitionStatus = Field(default_factory=CustomResourceDefinitionStatus)

    @property
    def established(self) -> bool:
        """Whether its objects are served."""
        return any(entry.type == "Established" and entry.status == "True" for entry in self.status.conditions)
