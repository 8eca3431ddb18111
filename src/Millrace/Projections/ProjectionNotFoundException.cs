namespace Millrace;

/// <summary>No projection has the name asked for.</summary>
public sealed class ProjectionNotFoundException(string collection)
    : MillraceException(
        $"There is no projection '{collection}'. A projection is named with its version, such as 'daily-sales@1'.")
{
    /// <summary>The name asked for.</summary>
    public string Collection { get; } = collection;
}
