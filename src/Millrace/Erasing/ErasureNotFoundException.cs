namespace Millrace;

/// <summary>Thrown when no erasure has the id.</summary>
public sealed class ErasureNotFoundException(string id)
    : MillraceException($"There is no erasure '{id}'.")
{
    /// <summary>Gets the id.</summary>
    public string Id { get; } = id;
}
