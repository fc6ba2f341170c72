"""How a reply's JSON schema is told to the built-in model: as a grammar that leaves no idle blanks.

Asked by ``response_format``, a small model fills half of its tokens with line breaks and indentation, and a
verdict takes twice as long or is cut before its end. llguidance, with which the child's llama.cpp is built,
can forbid blanks between the parts, which that parameter has no way to say.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from cort_desktop.domain.calls import ChatRequest
from cort_desktop.providers.openai_chat import OpenAIChat
from cort_desktop.providers.parameters import Parameters

_COMPACT = {"x-guidance": {"whitespace_flexible": False}}


class GuidedReplies(Parameters):
    """The body of a request for a llama.cpp server with llguidance."""

    def body(self, request: ChatRequest) -> dict[str, Any]:
        body = super().body(request)
        asked = body.pop("response_format", None)
        if asked is not None:
            schema = {**_COMPACT, **asked["json_schema"]["schema"]}
            body["grammar"] = f"%llguidance {{}}\nstart: %json {json.dumps(schema, ensure_ascii=False)}"
        return body


class GuidedChat(OpenAIChat):
    """One model behind a llama.cpp server with llguidance."""

    parameters_of: ClassVar[type[Parameters]] = GuidedReplies
