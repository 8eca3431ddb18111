namespace Millrace;

/// <summary>No projection gives the documents asked for by such a key.</summary>
/// <param name="key">The type of the key.</param>
/// <param name="document">The type of the documents.</param>
/// <param name="keys">The types of the keys by which projections give these documents; empty when none does.</param>
public sealed class ReadModelNotFoundException(Type key, Type document, IReadOnlyList<Type> keys)
    : MillraceException(
        $"No projection gives {document.Name} by {key.Name}: "
        + (keys.Count == 0
            ? $"write a Projection<{key.Name}, {document.Name}>, or add the model that has it."
            : $"there is one by {string.Join(" and one by ", keys.Select(there => there.Name))}."))
{
    /// <summary>The type of the key asked for.</summary>
    public Type KeyType { get; } = key;

    /// <summary>The type of the documents asked for.</summary>
    public Type DocumentType { get; } = document;
}
