"""Keys that got into files: found wherever they lie, named by their place, never repeated."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import apsw
import pytest

from cort_desktop.services.key_search import KeySearch, Searched, own_files
from tests.fakes.library import library  # noqa: F401 - placeholder

KEY = "canary+0123/456789=xyz"
OTHER = "second-canary-9876543210"
