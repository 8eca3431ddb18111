using System.Text.Json;

namespace Millrace.Protection;

/// <summary>An encrypted value in stored JSON.</summary>
/// <param name="Start">The index of its first byte.</param>
/// <param name="Length">The number of its bytes.</param>
/// <param name="Path">Its path.</param>
/// <param name="Text">The encrypted value.</param>
internal readonly record struct EncryptedValue(int Start, int Length, string Path, CipherText Text);

/// <summary>Finds encrypted values in stored JSON.</summary>
internal static class EncryptedValueLocator
{
    /// <summary>
    /// Returns the texts that have the form of an encrypted value, in the order of the JSON; null if the bytes are not
    /// JSON.
    /// </summary>
    public static List<EncryptedValue>? Find(ReadOnlySpan<byte> json)
    {
        var found = new List<EncryptedValue>();
        if (json.IndexOf(CipherText.Prefix) < 0)
            return found;
        var path = new JsonPathStack(json);
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            Visit(ref reader, ref path, found);
            return found;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair in a name causes the second kind of exception.
            return null;
        }
        finally
        {
            path.Dispose();
        }
    }

    private static void Visit(ref Utf8JsonReader reader, ref JsonPathStack path, List<EncryptedValue> found)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    path.PushName(ref reader);
                    reader.Read();
                    Visit(ref reader, ref path, found);
                    path.Pop();
                }
                break;
            case JsonTokenType.StartArray:
                for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
                {
                    path.PushIndex(index);
                    Visit(ref reader, ref path, found);
                    path.Pop();
                }
                break;
            case JsonTokenType.String when Parse(ref reader) is { } text:
                var start = (int)reader.TokenStartIndex;
                found.Add(new EncryptedValue(start, (int)reader.BytesConsumed - start, path.Build(), text));
                break;
        }
    }

    /// <summary>Parses a text. Encrypted values contain no character that JSON escapes.</summary>
    private static CipherText? Parse(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? null : CipherText.TryParse(reader.ValueSpan);
}
