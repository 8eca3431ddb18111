namespace Millrace.Serialization;

/// <summary>The head of a data item.</summary>
/// <param name="Major">One of <see cref="CborMajor"/>.</param>
/// <param name="Info">The other five bits of the first byte.</param>
/// <param name="Argument">The number, length, count or tag in those bits and the following bytes.</param>
internal readonly record struct CborHead(int Major, int Info, ulong Argument)
{
    public bool IsIndefinite => Info == CborMajor.Indefinite;
}
