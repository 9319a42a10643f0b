"""Decoders for the contracts' events, several times faster than the models, and as strict as their JSON Schemas.

They are made from the models, so that an event is described in one place.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from bookstream_contracts import EVENTS, UPCASTERS, Upcasters
from pydantic import AwareDatetime, BaseModel


def decoder_of(
    name: str, *, events: Mapping[str, type[BaseModel]] = EVENTS, upcasters: Upcasters = UPCASTERS
) -> Callable[[bytes], Any]:
    """Return what decodes an event from JSON, one of an older version as the newest one.

    Fields that the model does not know are passed over. It raises DecodeError, UnicodeDecodeError and NotLifted.
    """
    struct = _struct_of(events[upcasters.newest(name)])
    if name not in upcasters:
        return msgspec.json.Decoder(struct).decode
    return lambda value: msgspec.convert(upcasters.lift(name, msgspec.json.decode(value)), struct)


@cache
def _struct_of(model: type[BaseModel]) -> type[msgspec.Struct]:
    fields = [
        (name, _type_of(field.annotation), *([] if field.is_required() else [field.get_default()]))
        for name, field in model.model_fields.items()
    ]
    return msgspec.defstruct(model.__name__, fields, frozen=True, gc=False, kw_only=True)


def _type_of(annotation: Any) -> Any:
    if annotation is AwareDatetime:
        return Annotated[datetime, msgspec.Meta(tz=True)]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _struct_of(annotation)
    if get_origin(annotation) is Annotated:
        return _type_of(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return Union[tuple(_type_of(one) for one in get_args(annotation))]  # noqa: UP007, the members are known only here
    return annotation
