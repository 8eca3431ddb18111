using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Millrace.Streams;

/// <summary>Parses keys of .NET types from their texts.</summary>
internal static class BuiltInKeys
{
    public static FrozenDictionary<Type, Func<string, object>> Parsers { get; } =
        new Dictionary<Type, Func<string, object>>
        {
            [typeof(string)] = static text => text,
            [typeof(bool)] = static text => bool.Parse(text),
            [typeof(char)] = static text => char.Parse(text),
            [typeof(Rune)] = static text => ParseRune(text),
            [typeof(sbyte)] = static text => Parse<sbyte>(text),
            [typeof(byte)] = static text => Parse<byte>(text),
            [typeof(short)] = static text => Parse<short>(text),
            [typeof(ushort)] = static text => Parse<ushort>(text),
            [typeof(int)] = static text => Parse<int>(text),
            [typeof(uint)] = static text => Parse<uint>(text),
            [typeof(long)] = static text => Parse<long>(text),
            [typeof(ulong)] = static text => Parse<ulong>(text),
            [typeof(nint)] = static text => Parse<nint>(text),
            [typeof(nuint)] = static text => Parse<nuint>(text),
            [typeof(Int128)] = static text => Parse<Int128>(text),
            [typeof(UInt128)] = static text => Parse<UInt128>(text),
            [typeof(BigInteger)] = static text => Parse<BigInteger>(text),
            [typeof(Half)] = static text => Parse<Half>(text),
            [typeof(float)] = static text => Parse<float>(text),
            [typeof(double)] = static text => Parse<double>(text),
            [typeof(decimal)] = static text => Parse<decimal>(text),
            [typeof(Guid)] = static text => Parse<Guid>(text),
            [typeof(DateTime)] = static text => ParseTime(text),
            [typeof(DateTimeOffset)] = static text => Parse<DateTimeOffset>(text).ToUniversalTime(),
            [typeof(DateOnly)] = static text => Parse<DateOnly>(text),
            [typeof(TimeOnly)] = static text => Parse<TimeOnly>(text),
            [typeof(TimeSpan)] = static text => Parse<TimeSpan>(text),
            [typeof(Version)] = static text => Version.Parse(text),
        }.ToFrozenDictionary();

    public static bool Contains(Type type) => type.IsEnum || Parsers.ContainsKey(type);

    private static T Parse<T>(string text)
        where T : IParsable<T> => T.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>
    /// Parses a date and time without a conversion to another time zone. The kind in the text is ignored, because the
    /// equality of <see cref="DateTime"/> also ignores the kind.
    /// </summary>
    private static DateTime ParseTime(string text) => DateTime.SpecifyKind(
        DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind), DateTimeKind.Unspecified);

    private static Rune ParseRune(string text) =>
        Rune.TryGetRuneAt(text.Length is 1 or 2 ? text : "\ud800", 0, out var rune)
        && rune.Utf16SequenceLength == text.Length
            ? rune
            : throw new FormatException($"'{text}' is not one Unicode character.");
}
