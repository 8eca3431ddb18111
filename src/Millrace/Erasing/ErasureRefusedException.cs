namespace Millrace;

/// <summary>
/// Thrown when a call for an erasure or a legal hold is not possible in its state. Nothing was changed.
/// </summary>
public sealed class ErasureRefusedException(string name, string reason)
    : MillraceException($"'{name}': {reason}")
{
    /// <summary>Gets the id of the erasure, or the data subject of the hold.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the reason.</summary>
    public string Reason { get; } = reason;
}
