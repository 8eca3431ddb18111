using System.Globalization;

namespace Millrace.Generators;

/// <summary>Compares the values of flags, which are stored as numbers: what they are called does not matter, what they
/// are does.</summary>
internal static class FlagValueComparison
{
    /// <summary>Which of the values that were written are another value now, or none.</summary>
    /// <param name="now">The values that are read, such as <c>read=1</c>.</param>
    /// <param name="before">Those that were written.</param>
    public static IReadOnlyList<string> Gone(IReadOnlyList<string> now, IReadOnlyList<string> before)
    {
        var numbers = now.Select(Parse).ToList();
        var old = before.Select(Parse).ToList();
        return
        [
            .. old.Where(one => !IsJoined(one.Bits, old) && IsRemovedFlag(one, numbers))
                .Select(one => $"{one.Name}={one.Number}"),
        ];
    }

    private static bool IsRemovedFlag(
        (string Name, string Number, ulong Bits) one, List<(string Name, string Number, ulong Bits)> now)
    {
        var same = now.FindAll(other => other.Name == one.Name);
        return same.Count > 0 ? same[0].Bits != one.Bits : !now.Exists(other => other.Bits == one.Bits);
    }

    /// <summary>Whether a value is nothing but others together: then it is read as those, whatever the name means
    /// now.</summary>
    private static bool IsJoined(ulong bits, List<(string Name, string Number, ulong Bits)> all)
    {
        var parts = 0UL;
        foreach (var other in all)
        {
            if (other.Bits != bits && (other.Bits & ~bits) == 0)
                parts |= other.Bits;
        }
        return bits != 0 && parts == bits;
    }

    private static (string Name, string Number, ulong Bits) Parse(string text)
    {
        var cut = text.LastIndexOf('=');
        var number = text.Substring(cut + 1);
        var bits =
            ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given
            : long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var signed)
                ? unchecked((ulong)signed)
            : 0;
        return (text.Substring(0, Math.Max(cut, 0)), number, bits);
    }
}
