using System.Globalization;
using System.Text;

namespace Millrace.Storage;

/// <summary>An index of several fields of a collection, followed by the key.</summary>
/// <param name="Name">The name: <c>idx_</c>, and at most 44 letters, digits and underscores.</param>
/// <param name="Fields">The fields, in order.</param>
public sealed record DocumentIndex(string Name, IReadOnlyList<string> Fields)
{
    private const string Prefix = "idx_";
    private const string DeclaredPrefix = "idx_declared_";
    private const int MaxNameLength = 48;

    /// <summary>Gets whether the code of a projection declares the index.</summary>
    internal bool IsDeclared =>
        Name.StartsWith(DeclaredPrefix, StringComparison.Ordinal) && Name == Of([.. Fields]).Name;

    /// <summary>Creates an index that the code of a projection declares.</summary>
    /// <param name="fields">The names of the fields, in order.</param>
    public static DocumentIndex Of(params string[] fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var hash = 2_166_136_261u; // FNV-1a: the same on all nodes. It makes names of other fields different.
        foreach (var character in string.Join('\n', fields))
            hash = unchecked((hash ^ character) * 16_777_619u);
        var name = new StringBuilder(DeclaredPrefix);
        foreach (var character in string.Join('_', fields))
            name.Append(char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '_');
        var end = string.Create(CultureInfo.InvariantCulture, $"_{hash:x8}");
        name.Length = Math.Min(name.Length, MaxNameLength - end.Length);
        return new DocumentIndex(name.Append(end).ToString(), [.. fields]);
    }

    /// <summary>Returns whether a text can be the name of an index.</summary>
    /// <param name="name">The text.</param>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length <= MaxNameLength
            && name.StartsWith(Prefix, StringComparison.Ordinal)
            && name.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character)
                || character == '_');
    }

    /// <summary>Returns whether both indexes have the same name and fields.</summary>
    public bool Equals(DocumentIndex? other) =>
        other is not null && Name == other.Name && Fields.SequenceEqual(other.Fields);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
