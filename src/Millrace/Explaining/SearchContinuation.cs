using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Millrace.Explaining;

/// <summary>
/// The point at which a search for the events of a document stopped, with the document at that point. A later search
/// continues at this point. The continuation is converted to a text that fits into a query string.
/// </summary>
internal sealed record SearchContinuation
{
    private const int MaxCharacters = 4_096;
    private const int MaxBytes = 1024 * 1024;

    /// <summary>The number of parts of a continuation without a last change.</summary>
    private const int Parts = 10;

    /// <summary>Gets the name and version of the projection.</summary>
    public required string Collection { get; init; }

    /// <summary>Gets the key of the document.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the member that the search follows, or null for the whole document.</summary>
    public string? Member { get; init; }

    /// <summary>
    /// Gets whether only this key and member are possible. Otherwise, the search also follows other splits of the path
    /// into key and member.
    /// </summary>
    public bool IsOnly { get; init; }

    /// <summary>Gets the position that the search has reached.</summary>
    public required long Position { get; init; }

    /// <summary>Gets the number of events that were folded into the document.</summary>
    public long Events { get; init; }

    /// <summary>Gets the number of events that could not be folded into the document.</summary>
    public long Failures { get; init; }

    /// <summary>
    /// Gets the number of events that could not be read. It is unknown whether they belong to the document.
    /// </summary>
    public long Unread { get; init; }

    /// <summary>Gets the number of events that changed the value.</summary>
    public long Changes { get; init; }

    /// <summary>
    /// Gets the last change, or null if there was none. It explains the value unless a later event changes the value.
    /// </summary>
    public EarlierChange? Last { get; init; }

    /// <summary>Gets the document as JSON, or null if it does not exist.</summary>
    public byte[]? State { get; init; }

    /// <summary>Gets whether any event belongs to the document.</summary>
    public bool IsFound => Events > 0 || Failures > 0;

    /// <summary>Returns the text, or null if the text would be too long.</summary>
    public string? ToText()
    {
        using var compressed = new MemoryStream();
        using (var compressor = new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new Utf8JsonWriter(compressor))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(Collection);
            writer.WriteStringValue(Key);
            writer.WriteStringValue(Member);
            foreach (var number in (ReadOnlySpan<long>)[Position, Events, Failures, Unread, Changes])
                writer.WriteNumberValue(number);
            writer.WriteBooleanValue(IsOnly);
            writer.WriteStringValue(TextOf(State));
            if (Last is { } last)
            {
                writer.WriteNumberValue(last.Position);
                writer.WriteStringValue(TextOf(last.Before));
                foreach (var rule in last.Rules)
                    writer.WriteStringValue(rule);
            }
            writer.WriteEndArray();
        }
        var text = Base64Url.EncodeToString(compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        return text.Length <= MaxCharacters ? text : null;
    }

    /// <summary>Parses a text.</summary>
    /// <exception cref="InvalidNameException">The text is not the continuation of a search.</exception>
    public static SearchContinuation Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(Decompress(text));
            var parts = json.RootElement;
            var found = new SearchContinuation
            {
                Collection = parts[0].GetString()!, // Checked below.
                Key = parts[1].GetString()!,
                Member = parts[2].GetString(),
                Position = parts[3].GetInt64(),
                Events = parts[4].GetInt64(),
                Failures = parts[5].GetInt64(),
                Unread = parts[6].GetInt64(),
                Changes = parts[7].GetInt64(),
                IsOnly = parts[8].GetBoolean(),
                State = BytesOf(parts[9]),
                Last = parts.GetArrayLength() == Parts ? null : ChangeIn(parts),
            };
            return found.IsSound ? found : throw InvalidText(text);
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidDataException
            or InvalidOperationException or IndexOutOfRangeException)
        {
            throw InvalidText(text);
        }
    }

    /// <summary>Creates the exception for a text that is not valid.</summary>
    public static InvalidNameException InvalidText(string text) =>
        new(
            "continuation of a search",
            text,
            "use the unchanged continuation of a search for the same value, or search without it");

    private bool IsSound =>
        this is { Collection: not null, Key: not null }
        && this is { Position: >= 0, Events: >= 0, Failures: >= 0, Unread: >= 0, Changes: >= 0 }
        && (Last is null ? Changes == 0 : Changes > 0 && Last.Position > 0 && Last.Position <= Position);

    private static EarlierChange ChangeIn(JsonElement parts)
    {
        var rules = parts.EnumerateArray()
            .Skip(Parts + 2)
            .Select(rule => rule.GetString() ?? throw new FormatException());
        var before = BytesOf(parts[Parts + 1]);
        if (before is not null)
            JsonDocument.Parse(before).Dispose(); // The JSON is returned unchanged, so it must be valid.
        return new EarlierChange(parts[Parts].GetInt64(), [.. rules], before);
    }

    private static string? TextOf(byte[]? json) => json is null ? null : Encoding.UTF8.GetString(json);

    private static byte[]? BytesOf(JsonElement part) =>
        part.GetString() is { } text ? Encoding.UTF8.GetBytes(text) : null;

    private static byte[] Decompress(string text)
    {
        if (text.Length > MaxCharacters)
            throw new FormatException();
        using var decompressor = new BrotliStream(
            new MemoryStream(Base64Url.DecodeFromChars(text)), CompressionMode.Decompress);
        var decompressed = new byte[MaxBytes];
        var length = decompressor.ReadAtLeast(decompressed, MaxBytes, throwOnEndOfStream: false);
        return length < MaxBytes ? decompressed[..length] : throw new FormatException();
    }
}
