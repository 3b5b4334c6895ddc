"""What a symbol such as BTCUSDT is made of."""

from hedgecheck.errors import UsageError

QUOTES = ("FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USD", "EUR", "GBP", "JPY", "TRY", "BTC", "ETH", "BNB")


def base(symbol: str) -> str:
    """What is traded: BTC of BTCUSDT, BTC/USDT, BTC-USD; a symbol without a quote currency is itself."""
    return _parts(symbol)[0]


def unified(symbol: str) -> str:
    """The symbol as ccxt writes it: BTC/USDT of BTCUSDT. ``UsageError`` where the quote currency cannot be
    told."""
    what, quote = _parts(symbol)
    if not quote:
        raise UsageError(f"The quote currency of {symbol!r} cannot be told. Write it as ccxt does: BTC/USDT.")
    return f"{what}/{quote}"


def _parts(symbol: str) -> tuple[str, str]:
    for between in ("/", "-", "_"):
        what, found, quote = symbol.partition(between)
        if found:
            return what, quote
    quote = next((each for each in QUOTES if symbol.endswith(each) and symbol != each), "")
    return symbol.removesuffix(quote), quote
