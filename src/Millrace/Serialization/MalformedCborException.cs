namespace Millrace.Serialization;

/// <summary>Bytes are not well-formed CBOR (RFC 8949), are nested too deep, or hold what cannot be told in
/// JSON.</summary>
/// <param name="problem">What is wrong.</param>
/// <param name="offset">Where, in bytes from the beginning of the payload.</param>
public sealed class MalformedCborException(string problem, int offset)
    : MillraceException($"The CBOR is wrong at byte {offset}: {problem}.")
{
    /// <summary>Where, in bytes from the beginning of the payload.</summary>
    public int Offset { get; } = offset;
}
