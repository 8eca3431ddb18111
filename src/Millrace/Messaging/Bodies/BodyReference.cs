using System.Globalization;
using System.Security.Cryptography;

namespace Millrace.Messaging;

/// <summary>
/// By what the body of a message is found that lies apart from it, and known to be the one that was put there: the
/// SHA-256 of its bytes, and the hour until which it is kept. Immutable.
/// </summary>
/// <remarks>Equal bodies that are kept until the same hour have the same reference, and lie there once.</remarks>
public sealed record BodyReference
{
    internal const string Prefix = "urn:millrace:body:";

    private const string HourFormat = "yyyyMMddHH";
    private const int HourCharacters = 10;
    private const int HashCharacters = 64;

    private BodyReference(DateTimeOffset until, string sha256) => (Until, Sha256) = (until, sha256);

    /// <summary>Until when it is kept at least: a whole hour.</summary>
    public DateTimeOffset Until { get; }

    /// <summary>The SHA-256 of the body, as 64 hexadecimal digits in lower case.</summary>
    public string Sha256 { get; }

    /// <summary>A name for it that files, keys and objects may have: digits, small letters and a dash; those that end
    /// first sort first.</summary>
    public string Name => $"{HourOf(Until)}-{Sha256}";

    /// <summary>The reference of a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="until">Until when it is to be kept, which is rounded up to the hour.</param>
    public static BodyReference Of(ReadOnlySpan<byte> body, DateTimeOffset until)
    {
        var hours = (until.UtcTicks + TimeSpan.TicksPerHour - 1) / TimeSpan.TicksPerHour;
        return new BodyReference(new DateTimeOffset(hours * TimeSpan.TicksPerHour, TimeSpan.Zero), Hash(body));
    }

    /// <summary>Reads a reference, as <see cref="ToString"/> writes it; null when the text is none.</summary>
    public static BodyReference? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)
            || text.Length != Prefix.Length + HourCharacters + 1 + HashCharacters)
            return null;
        var (hour, hash) = (text.Substring(Prefix.Length, HourCharacters), text[^HashCharacters..]);
        return text[Prefix.Length + HourCharacters] == ':' && ParseHour(hour) is { } until && IsHash(hash)
            ? new BodyReference(until, hash)
            : null;
    }

    /// <summary>Whether bytes are the body.</summary>
    public bool IsOf(ReadOnlySpan<byte> body) => Hash(body) == Sha256;

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}{HourOf(Until)}:{Sha256}";

    /// <summary>An hour as it stands in names.</summary>
    internal static string HourOf(DateTimeOffset hour) => hour.ToString(HourFormat, CultureInfo.InvariantCulture);

    /// <summary>The hour that stands in a name; null when it is none.</summary>
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
