using System.Globalization;
using System.Security.Cryptography;

namespace Millrace.Messaging;

/// <summary>
/// Identifies the body of a message that is stored separately, and proves that it is unchanged: the SHA-256 of its
/// bytes, and the hour until which it is kept. Immutable.
/// </summary>
/// <remarks>Equal bodies that are kept until the same hour have the same reference and are stored once.</remarks>
public sealed record BodyReference
{
    internal const string Prefix = "urn:millrace:body:";

    private const string HourFormat = "yyyyMMddHH";
    private const int HourCharacters = 10;
    private const int HashCharacters = 64;

    private BodyReference(DateTimeOffset until, string sha256)
    {
        Until = until;
        Sha256 = sha256;
    }

    /// <summary>Gets the time until which the body is kept at least: a whole hour.</summary>
    public DateTimeOffset Until { get; }

    /// <summary>Gets the SHA-256 of the body, as 64 hexadecimal digits in lower case.</summary>
    public string Sha256 { get; }

    /// <summary>
    /// Gets a name that is valid for files, keys and objects: digits, lower case letters and a dash. Names sort by
    /// expiry.
    /// </summary>
    public string Name => $"{HourOf(Until)}-{Sha256}";

    /// <summary>Creates the reference of a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="until">The time until which it is kept, rounded up to the hour.</param>
    public static BodyReference Of(ReadOnlySpan<byte> body, DateTimeOffset until)
    {
        var hours = (until.UtcTicks + TimeSpan.TicksPerHour - 1) / TimeSpan.TicksPerHour;
        return new BodyReference(new DateTimeOffset(hours * TimeSpan.TicksPerHour, TimeSpan.Zero), Hash(body));
    }

    /// <summary>
    /// Parses a reference, as <see cref="ToString"/> writes it; returns null if the text is not a reference.
    /// </summary>
    public static BodyReference? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)
            || text.Length != Prefix.Length + HourCharacters + 1 + HashCharacters)
            return null;
        var hour = text.Substring(Prefix.Length, HourCharacters);
        var hash = text[^HashCharacters..];
        return text[Prefix.Length + HourCharacters] == ':' && ParseHour(hour) is { } until && IsHash(hash)
            ? new BodyReference(until, hash)
            : null;
    }

    /// <summary>Returns true if the bytes are the body.</summary>
    public bool IsOf(ReadOnlySpan<byte> body) => Hash(body) == Sha256;

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}{HourOf(Until)}:{Sha256}";

    /// <summary>Formats an hour for names.</summary>
    internal static string HourOf(DateTimeOffset hour) => hour.ToString(HourFormat, CultureInfo.InvariantCulture);

    /// <summary>Returns the hour in a name; null if it is not an hour.</summary>
    internal static DateTimeOffset? ParseHour(string text) =>
        text.Length == HourCharacters && DateTimeOffset.TryParseExact(
            text, HourFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var hour)
            ? hour
            : null;

    private static string Hash(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    private static bool IsHash(string text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiHexDigitLower(character) && !char.IsAsciiDigit(character))
                return false;
        }
        return true;
    }
}
