namespace Millrace.Serialization;

/// <summary>The head of a CBOR data item.</summary>
/// <param name="Major">The major type, which is a constant of <see cref="CborMajor"/>.</param>
/// <param name="Info">The other five bits of the first byte.</param>
/// <param name="Argument">The number, length, count or tag, from these bits and the following bytes.</param>
internal readonly record struct CborHead(int Major, int Info, ulong Argument)
{
    public bool IsIndefinite => Info == CborMajor.Indefinite;
}
