namespace Millrace;

/// <summary>Thrown when no projection has documents of the requested type with keys of the requested type.</summary>
/// <param name="key">The type of the key.</param>
/// <param name="document">The type of the documents.</param>
/// <param name="keys">The key types of the projections that have documents of the requested type. It is empty if there
/// are none.</param>
public sealed class ReadModelNotFoundException(Type key, Type document, IReadOnlyList<Type> keys)
    : MillraceException(
        $"No projection has documents of type {document.Name} with keys of type {key.Name}: "
        + (keys.Count == 0
            ? $"write a Projection<{key.Name}, {document.Name}>, or add the model that contains it."
            : $"there is one with {string.Join(" and one with ", keys.Select(type => type.Name))} keys."))
{
    /// <summary>Gets the requested type of the key.</summary>
    public Type KeyType { get; } = key;

    /// <summary>Gets the requested type of the documents.</summary>
    public Type DocumentType { get; } = document;
}
