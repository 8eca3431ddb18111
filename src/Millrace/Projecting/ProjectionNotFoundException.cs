namespace Millrace;

/// <summary>Thrown when no projection has the requested name.</summary>
public sealed class ProjectionNotFoundException(string collection)
    : MillraceException(
        $"There is no projection '{collection}'. Include the version in the name, such as 'daily-sales@1'.")
{
    /// <summary>Gets the requested name.</summary>
    public string Collection { get; } = collection;
}
