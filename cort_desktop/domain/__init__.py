"""Pure values and rules. Standard library only: no asyncio, no input or output, no clock."""
