namespace Millrace.Serialization;

/// <summary>
/// Thrown when bytes are not well-formed CBOR (RFC 8949), are nested too deeply, or cannot be converted to JSON.
/// </summary>
/// <param name="problem">The problem.</param>
/// <param name="offset">The offset in bytes from the start of the payload.</param>
public sealed class MalformedCborException(string problem, int offset)
    : MillraceException($"The CBOR is wrong at byte {offset}: {problem}.")
{
    /// <summary>Gets the offset of the error in bytes from the start of the payload.</summary>
    public int Offset { get; } = offset;
}
