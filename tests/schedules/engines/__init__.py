"""Small trading engines as bot authors write them: asyncio and ccxt's API, nothing of hedgecheck.

``broken`` holds one planted bug per module, ``correct`` none. Every module has an engine and one program
``async def scenario(sim)``; a broken one also says which rule it breaks (``RULE``) and which faults
that takes (``FAULTS``: names in hedgecheck.faults, or "none"). ``careful`` is what the correct ones share.
"""
