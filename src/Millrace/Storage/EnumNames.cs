using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;

namespace Millrace.Storage;

/// <summary>
/// Parses enumeration values from text. The text can contain names in JSON, names of members, or numbers. Commas
/// separate flags.
/// </summary>
internal static class EnumNames<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>
{
    private static readonly bool IsUnsigned = Enum.GetUnderlyingType(typeof(T)) == typeof(ulong);
    private static readonly bool IsFlags = typeof(T).IsDefined(typeof(FlagsAttribute), inherit: false);
    private static readonly Dictionary<string, decimal> Exact = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, decimal> AnyCase = new(StringComparer.OrdinalIgnoreCase);

    static EnumNames()
    {
        var members = typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static);
        foreach (var member in members) // The names in JSON take precedence over the names of the members.
            Add(member.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name, member);
        foreach (var member in members)
            Add(member.Name, member);
    }

    public static FieldValue? Find(string text)
    {
        if (FindOne(text) is { } number)
            return ValueOf(number);
        if (!IsFlags || !text.Contains(',', StringComparison.Ordinal))
            return null;
        var all = UInt128.Zero;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (FindOne(part) is not { } flag || flag < 0)
                return null;
            all |= (UInt128)flag;
        }
        return ValueOf((decimal)all);
    }

    private static void Add(string? name, FieldInfo member)
    {
        if (name is null || member.GetRawConstantValue() is not { } number)
            return;
        var value = Convert.ToDecimal(number, CultureInfo.InvariantCulture);
        Exact.TryAdd(name, value);
        AnyCase.TryAdd(name, value);
    }

    private static decimal? FindOne(string text)
    {
        if (Exact.TryGetValue(text, out var exact) || AnyCase.TryGetValue(text, out exact))
            return exact;
        return decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && (IsUnsigned ? number is >= 0 and <= ulong.MaxValue : number is >= long.MinValue and <= long.MaxValue)
            ? number
            : null;
    }

    private static FieldValue ValueOf(decimal number) => IsUnsigned ? number : (long)number;
}
