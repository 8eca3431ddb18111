using System.Text.Json;
using Millrace.Shared.Naming;

namespace Millrace.Protection;

/// <summary>
/// Finds members of JSON that have a sensitive name and no mark, at any depth and with a value of any type. The result
/// contains names and no values.
/// </summary>
internal static class SensitiveMemberFinder
{
    private const int MaxNameLength = 64;
    private const int MaxDigits = 2;
    private const string AnyName = "*";

    /// <summary>
    /// Adds the paths of the members, with the sensitive word of each name. An item of an array is <c>*</c> in a path,
    /// and so is a name that may be a value, such as the key of a dictionary. Bytes that are not JSON have no members.
    /// </summary>
    /// <param name="json">The JSON.</param>
    /// <param name="marks">The marked members; null for none.</param>
    /// <param name="found">Receives the paths.</param>
    public static void Find(ReadOnlySpan<byte> json, MarkNode? marks, IDictionary<string, string> found)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (reader.Read())
                Visit(ref reader, marks, "", found);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair in a name causes the second kind of exception.
        }
    }

    private static void Visit(
        ref Utf8JsonReader reader, MarkNode? node, string path, IDictionary<string, string> found)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            var item = node?.Each();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (item?.Mark is not null)
                    reader.Skip();
                else
                    Visit(ref reader, item, $"{path}/{AnyName}", found);
            }
            return;
        }
        if (reader.TokenType != JsonTokenType.StartObject)
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = node?.Find(ref reader);
            var name = reader.GetString() ?? "";
            var inner = $"{path}/{(IsName(name) ? name : AnyName)}";
            reader.Read();
            if (member?.Mark is not null || IsEmptyOrEncrypted(ref reader))
                reader.Skip();
            else if (name.Length <= MaxNameLength
                && member?.HasMarksInside != true
                && SensitiveName.Find(name) is var (word, _))
            {
                found.TryAdd(inner, word);
                reader.Skip();
            }
            else
                Visit(ref reader, member, inner, found);
        }
    }

    private static bool IsEmptyOrEncrypted(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Null
        || (reader.TokenType == JsonTokenType.String
            && (reader.ValueSpan.IsEmpty || CipherText.TryParse(reader.ValueSpan) is not null));

    /// <summary>Returns whether a text is the name of a member, and not a value such as the id of a person.</summary>
    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength
        && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')
        && text.Count(char.IsAsciiDigit) <= MaxDigits;
}
