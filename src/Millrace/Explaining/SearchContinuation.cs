using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Millrace.Explaining;

/// <summary>
/// The point at which a search for the events of a document stopped. A later search reads the events of the document up
/// to this point again and continues. The continuation is converted to a text for a query string, which servers and
/// proxies can log, so it contains positions and no values.
/// </summary>
internal sealed record SearchContinuation
{
    /// <summary>The maximum number of events that a later search reads again.</summary>
    public const int MaxReadAgain = 300_000;

    /// <summary>The maximum duration of reading events again, besides that of the search.</summary>
    public static readonly TimeSpan MaxReadAgainTime = TimeSpan.FromSeconds(30);

    private const int MaxCharacters = 4_096;
    private const int MaxRangeBytes = 3_000;
    private const byte FormatVersion = 2;

    /// <summary>Gets the digest of the projection, the key and the member.</summary>
    public required Guid Value { get; init; }

    /// <summary>
    /// Gets whether only this key and member are possible. Otherwise, the search also follows other splits of the path
    /// into key and member.
    /// </summary>
    public bool IsOnly { get; init; }

    /// <summary>Gets the position that the search has reached.</summary>
    public required long Position { get; init; }

    /// <summary>
    /// Gets the number of events that could not be read. It is unknown whether they belong to the document.
    /// </summary>
    public long Unread { get; init; }

    /// <summary>Gets the ranges of positions that contain all events of the document up to the position.</summary>
    public required PositionRanges Events { get; init; }

    /// <summary>Gets whether any event belongs to the document.</summary>
    public bool IsFound => Events.Ranges.Count > 0;

    /// <summary>Returns the digest of a projection, a key and a member, which is null for the whole document.</summary>
    public static Guid DigestOf(string collection, string key, string? member)
    {
        var text = string.Join('\0', collection, key, member is null ? "0" : "1", member);
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    /// <summary>
    /// Returns the text. Returns null if too many events would be read again: one longer search is then faster.
    /// </summary>
    public string? ToText()
    {
        var events = Events.Fit(MaxRangeBytes);
        if (events.Events > MaxReadAgain)
            return null;
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(FormatVersion);
        writer.Write(Value.ToByteArray());
        writer.Write(IsOnly);
        writer.Write7BitEncodedInt64(Position);
        writer.Write7BitEncodedInt64(Unread);
        writer.Write(events.Write());
        return Base64Url.EncodeToString(bytes.ToArray());
    }

    /// <summary>Parses a text.</summary>
    /// <exception cref="InvalidNameException">The text is not the continuation of a search.</exception>
    public static SearchContinuation Parse(string text)
    {
        try
        {
            if (text.Length > MaxCharacters)
                throw new FormatException();
            using var reader = new BinaryReader(new MemoryStream(Base64Url.DecodeFromChars(text)));
            if (reader.ReadByte() != FormatVersion || reader.ReadBytes(16) is not { Length: 16 } value)
                throw new FormatException();
            var isOnly = reader.ReadBoolean();
            var (position, unread) = (reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
            var events = PositionRanges.Read(reader, position);
            if (position < 0 || unread < 0)
                throw new FormatException();
            return new SearchContinuation
            {
                Value = new Guid(value),
                IsOnly = isOnly,
                Position = position,
                Unread = unread,
                Events = events,
            };
        }
        catch (Exception exception) when (exception is FormatException or EndOfStreamException)
        {
            throw InvalidText(text);
        }
    }

    /// <summary>Creates the exception for a text whose events take too long to read again.</summary>
    public static InvalidNameException TooLong(string text) =>
        new(
            "continuation of a search",
            text,
            string.Create(
                CultureInfo.InvariantCulture,
                $"reading the earlier events again takes more than {MaxReadAgain:N0} events or "
                    + $"{MaxReadAgainTime.TotalSeconds:0} s; search again without it and with a longer limit"));

    /// <summary>Creates the exception for a text that is not valid.</summary>
    public static InvalidNameException InvalidText(string text) =>
        new(
            "continuation of a search",
            text,
            "use the unchanged continuation of a search for the same value, or search without it");
}
