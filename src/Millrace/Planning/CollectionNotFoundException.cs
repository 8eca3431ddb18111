namespace Millrace;

/// <summary>Thrown when a store has neither a read model nor a collection of a name.</summary>
/// <param name="name">The name.</param>
/// <param name="known">The names of the read models of the store.</param>
public sealed class CollectionNotFoundException(string name, IReadOnlyList<string> known)
    : MillraceException(
        $"The store has no read model '{name}'. "
        + (known.Count == 0 ? "It has no read models yet." : $"It has {string.Join(", ", known)}."))
{
    /// <summary>Gets the requested name.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the names of the read models of the store.</summary>
    public IReadOnlyList<string> Known { get; } = known;
}
