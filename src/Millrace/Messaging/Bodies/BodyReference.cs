using System.Globalization;
using System.Security.Cryptography;

namespace Millrace.Messaging;

/// <summary>
/// Identifies a message body that is stored separately. A receiver uses the SHA-256 in the reference to check that the
/// body is unchanged. Immutable.
/// </summary>
/// <remarks>Equal bodies that expire in the same hour have the same reference and are stored once.</remarks>
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

    /// <summary>Gets the earliest time at which the store may remove the body. The time is a whole hour.</summary>
    public DateTimeOffset Until { get; }

    /// <summary>Gets the SHA-256 of the body, as 64 hexadecimal digits in lower case.</summary>
    public string Sha256 { get; }

    /// <summary>
    /// Gets a name for files, keys and objects. It consists of digits, lower case letters and a dash. Names sort by
    /// expiry.
    /// </summary>
    public string Name => $"{HourOf(Until)}-{Sha256}";

    /// <summary>Creates the reference of a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="until">The time until which the store keeps the body. The method rounds it up to the hour.</param>
    public static BodyReference Of(ReadOnlySpan<byte> body, DateTimeOffset until)
    {
        var hours = (until.UtcTicks + TimeSpan.TicksPerHour - 1) / TimeSpan.TicksPerHour;
        return new BodyReference(new DateTimeOffset(hours * TimeSpan.TicksPerHour, TimeSpan.Zero), Hash(body));
    }

    /// <summary>
    /// Parses a reference in the format of <see cref="ToString"/>. Returns null if the text is not a reference.
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

    /// <summary>Returns true if the bytes are the body that this reference identifies.</summary>
    public bool IsOf(ReadOnlySpan<byte> body) => Hash(body) == Sha256;

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}{HourOf(Until)}:{Sha256}";

    /// <summary>Formats an hour for names.</summary>
    internal static string HourOf(DateTimeOffset hour) => hour.ToString(HourFormat, CultureInfo.InvariantCulture);

    /// <summary>Parses the hour in a name. Returns null if the text is not an hour.</summary>
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
