using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// An indexed field of encrypted values, whose column contains keyed hashes of the values (a blind index).
/// </summary>
/// <param name="Index">The index of the field in the collection.</param>
/// <param name="Name">The name.</param>
/// <param name="Path">The path of the encrypted value in the document.</param>
/// <param name="Kind">The kind of the values.</param>
/// <param name="Erased">The value that replaces an erased value.</param>
internal sealed record BlindField(int Index, string Name, string Path, FieldKind Kind, FieldValue Erased)
{
    /// <summary>Returns whether a path in the JSON of a document is the path of the value.</summary>
    public bool IsAt(string path) => string.Equals(path, Path, StringComparison.OrdinalIgnoreCase);
}
