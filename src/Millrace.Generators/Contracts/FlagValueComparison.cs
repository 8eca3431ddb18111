using System.Globalization;

namespace Millrace.Generators.Contracts;

/// <summary>Compares the values of flags, which are stored as numbers. Their names do not matter.</summary>
internal static class FlagValueComparison
{
    /// <summary>Returns the stored values that now have another meaning, or none.</summary>
    /// <param name="current">The current values, such as <c>read=1</c>.</param>
    /// <param name="stored">The stored values.</param>
    public static IReadOnlyList<string> ChangedValues(IReadOnlyList<string> current, IReadOnlyList<string> stored)
    {
        var currentFlags = current.Select(Parse).ToList();
        var storedFlags = stored.Select(Parse).ToList();
        return
        [
            .. storedFlags.Where(flag => !IsCombination(flag.Bits, storedFlags) && IsRemovedFlag(flag, currentFlags))
                .Select(flag => $"{flag.Name}={flag.Number}"),
        ];
    }

    private static bool IsRemovedFlag(
        (string Name, string Number, ulong Bits) flag, List<(string Name, string Number, ulong Bits)> current)
    {
        var same = current.FindAll(other => other.Name == flag.Name);
        return same.Count > 0 ? same[0].Bits != flag.Bits : !current.Exists(other => other.Bits == flag.Bits);
    }

    /// <summary>
    /// Returns true if a value is only a combination of other values. It is then read as these values, even if its name
    /// has changed.
    /// </summary>
    private static bool IsCombination(ulong bits, List<(string Name, string Number, ulong Bits)> all)
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
            ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var unsigned) ? unsigned
            : long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var signed)
                ? unchecked((ulong)signed)
            : 0;
        return (text.Substring(0, Math.Max(cut, 0)), number, bits);
    }
}
