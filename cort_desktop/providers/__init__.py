"""Adapters: each speaks one service's protocol and is a ChatModel. The only place that knows httpx."""
