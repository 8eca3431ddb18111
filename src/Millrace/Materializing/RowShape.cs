using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.Materializing;

/// <summary>Finds the indexed members of the rows of a view, and hashes its declaration.</summary>
internal static class RowShape
{
    /// <summary>Returns the indexed members.</summary>
    /// <exception cref="ViewDeclarationException">A member is marked, or the type of an indexed member has no
    /// order.</exception>
    public static IReadOnlyList<DocumentField<TRow>> FieldsOf<TRow>(
        string view, IReadOnlyList<DocumentField<TRow>>? declared, JsonTypeInfo<TRow> json)
        where TRow : class
    {
        if (ViewFieldFinder.FindMarked(json) is { } marked)
            throw new ViewDeclarationException(
                view,
                $"the member '{marked}' of its rows is marked as personal data or as a secret. A view reads the value "
                    + "after erasure of such members, so it cannot contain them. Remove the member.");
        return declared ?? ViewFieldFinder.Find(view, json);
    }

    /// <summary>Returns the hash of the members of the rows and of the type of their keys.</summary>
    public static string HashOf<TRow>(
        IReadOnlyList<DocumentField<TRow>> fields, JsonTypeInfo<TRow> json, Type key)
        where TRow : class =>
        HashOf(
            fields.Select(field => $"{field.Name}:{field.Kind}")
                .Concat(ViewFieldFinder.Describe(json))
                .Append($"{key}"));

    /// <summary>Returns the hash of the parts of a declaration.</summary>
    public static string HashOf(IEnumerable<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))).AsSpan(0, 8));
}
