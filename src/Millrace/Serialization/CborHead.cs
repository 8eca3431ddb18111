namespace Millrace.Serialization;

/// <summary>What every data item begins with.</summary>
/// <param name="Major">One of <see cref="CborMajor"/>.</param>
/// <param name="Info">The other five bits of the first byte.</param>
/// <param name="Argument">The number, length, count or tag that they and the bytes behind them make.</param>
internal readonly record struct CborHead(int Major, int Info, ulong Argument)
{
    public bool IsIndefinite => Info == CborMajor.Indefinite;
}
