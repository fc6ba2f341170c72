"""A ChatModel around a ChatModel: deadline, limiter, retries and their budget. Knows no protocol."""
