namespace Millrace;

/// <summary>Thrown when no retention run has the id.</summary>
public sealed class RetentionNotFoundException(string id) : MillraceException($"There is no retention run '{id}'.")
{
    /// <summary>Gets the id.</summary>
    public string Id { get; } = id;
}
