using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Millrace;

/// <summary>
/// Where a search for the events of a document stopped, with the document as of there: all that is needed to go on, as a text that fits
/// into a query string.
/// </summary>
/// <param name="Collection">The projection and its version.</param>
/// <param name="Key">The document's key.</param>
/// <param name="Member">The member that is followed; null for all of it.</param>
/// <param name="Position">The position up to which was searched.</param>
/// <param name="Events">How many events were folded into the document.</param>
/// <param name="Changes">How many of them changed the value.</param>
/// <param name="State">The document, as JSON; null when there was none.</param>
internal sealed record SearchPoint(
    string Collection, string Key, string? Member, long Position, long Events, long Changes, byte[]? State)
{
    private const int MostCharacters = 4_096;
    private const int MostBytes = 1024 * 1024;

    /// <summary>The text; null where the document is so large that it would be too long.</summary>
    public string? ToText()
    {
        using var packed = new MemoryStream();
        using (var pack = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new Utf8JsonWriter(pack))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(Collection);
            writer.WriteStringValue(Key);
            writer.WriteStringValue(Member);
            writer.WriteNumberValue(Position);
            writer.WriteNumberValue(Events);
            writer.WriteNumberValue(Changes);
            writer.WriteStringValue(State is null ? null : Encoding.UTF8.GetString(State));
            writer.WriteEndArray();
        }
        var text = Base64Url.EncodeToString(packed.GetBuffer().AsSpan(0, (int)packed.Length));
        return text.Length <= MostCharacters ? text : null;
    }

    /// <summary>Reads a text.</summary>
    /// <exception cref="InvalidNameException">It is none that a search has left.</exception>
    public static SearchPoint Parse(string text)
    {
        try
        {
            using var parts = JsonDocument.Parse(Unpack(text));
            var part = parts.RootElement;
            var found = new SearchPoint(
                part[0].GetString()!,
                part[1].GetString()!,
                part[2].GetString(),
                part[3].GetInt64(),
                part[4].GetInt64(),
                part[5].GetInt64(),
                part[6].GetString() is { } state ? Encoding.UTF8.GetBytes(state) : null);
            var isSound = found is { Collection: not null, Key: not null, Position: >= 0, Events: >= 0, Changes: >= 0 };
            return isSound ? found : throw Wrong(text);
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidDataException
            or InvalidOperationException or IndexOutOfRangeException)
        {
            throw Wrong(text);
        }
    }

    /// <summary>Says that a text is not what it has to be.</summary>
    public static InvalidNameException Wrong(string text) =>
        new("point to go on from", text, "give it as the search for the same value left it, or search again without it");

    private static byte[] Unpack(string text)
    {
        if (text.Length > MostCharacters)
            throw new FormatException();
        using var unpack = new BrotliStream(new MemoryStream(Base64Url.DecodeFromChars(text)), CompressionMode.Decompress);
        var unpacked = new byte[MostBytes];
        var length = unpack.ReadAtLeast(unpacked, MostBytes, throwOnEndOfStream: false);
        return length < MostBytes ? unpacked[..length] : throw new FormatException();
    }
}
