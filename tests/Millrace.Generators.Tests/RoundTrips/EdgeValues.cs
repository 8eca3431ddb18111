using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Creates random values of .NET types, including edge cases.</summary>
internal static class EdgeValues
{
    private const int MaxOffsetMinutes = 14 * 60;

    private static readonly Gen<ulong> Bits =
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        select ((ulong)(uint)high << 32) | (uint)low;

    private static readonly string[] Texts =
    [
        "", " ", "\0", "a\0b", "\uFEFFa", "\u2028\u2029", "😀", "e\u0301", "é", "\"\\/\b\f\n\r\t", "</script>",
        "a\u00ADb", "ab", "ß", "SS",
        "null", "true", "1.0", "\uFFFD", "\uFFFF", "\u0085", "\u200Ba", "İ", "ı", new string('x', 5_000), "A", "a",
        "\u007f\u0080", "{}", "[1,2]", "2026-01-01", "$type", "kind", "name",
    ];

    private static readonly Gen<string> Text = Gen.Frequency(
        (3, Gen.Elements(Texts)),
        (2, Gen.Choose(' ', '~').Select(number => (char)number).ArrayOf().Select(all => new string(all))),
        (1, Gen.Choose(0, 0x10FFFF)
            .Where(number => number is < 0xD800 or > 0xDFFF)
            .Select(char.ConvertFromUtf32)
            .ArrayOf()
            .Select(all => string.Concat(all))));

    private static readonly (string Text, UriKind Kind)[] Links =
    [
        ("https://example.org/", UriKind.Absolute), ("http://example.org:80", UriKind.Absolute),
        ("HTTP://EX.org/%7e?q=a b#ü", UriKind.Absolute),
        ("http://bücher.example/ü", UriKind.Absolute),
        ("urn:isbn:1", UriKind.Absolute),
        ("mailto:a@example.org", UriKind.Absolute),
        ("file:///a/b", UriKind.Absolute),
        ("/a/b", UriKind.Absolute),
        ("/a/b", UriKind.Relative),
        ("a/b?c=d#e", UriKind.Relative),
        ("../a", UriKind.Relative),
        ("?q", UriKind.Relative),
        ("#f", UriKind.Relative),
        ("", UriKind.Relative),
        ("//example.org/a", UriKind.Relative),
        ("/", UriKind.Relative),
        ("a b", UriKind.Relative),
        (@"C:\a\b", UriKind.Absolute),
        (@"\\server\share", UriKind.Absolute),
        ("/a:b", UriKind.Relative),
        ("./a:b", UriKind.Relative),
        ("/ä b", UriKind.Absolute),
        (" https://example.org/ ", UriKind.Absolute),
    ];

    private static readonly string[] Elements =
    [
        "null", "true", "0", "-0", "1.0", "1.10", "1e2", "1e400", "-0.0", "123456789012345678901234567890.123456789",
        "\"\"", "\"a\\u0000b\"", "\"\\uD83D\\uDE00\"", "[]", "{}", """{"a":{"b":[1,null,true,"x"],"":{}}}""",
        "[[[]],1,{}]", """{"$type":1,"a b":"2026-01-01T00:00:00Z"}""",
        "9007199254740993", "18446744073709551616", "1e-30", "0.1",
    ];

    private static readonly Dictionary<Type, Gen<object>> Known = new()
    {
        [typeof(bool)] = Of(Gen.Elements(true, false)),
        [typeof(sbyte)] = Of(sbyte.MinValue, bits => (sbyte)bits, sbyte.MaxValue, (sbyte)0, (sbyte)-1),
        [typeof(byte)] = Of(byte.MinValue, bits => (byte)bits, byte.MaxValue),
        [typeof(short)] = Of(short.MinValue, bits => (short)bits, short.MaxValue, (short)0),
        [typeof(ushort)] = Of(ushort.MinValue, bits => (ushort)bits, ushort.MaxValue),
        [typeof(int)] = Of(int.MinValue, bits => (int)bits, int.MaxValue, 0, 1, -1),
        [typeof(uint)] = Of(uint.MinValue, bits => (uint)bits, uint.MaxValue),
        [typeof(long)] = Of(long.MinValue, bits => (long)bits, long.MaxValue, 0L, (1L << 53) + 1),
        [typeof(ulong)] = Of(ulong.MinValue, bits => bits, ulong.MaxValue, (1UL << 63) + 1),
        [typeof(float)] = Of(
            0f, bits => BitConverter.UInt32BitsToSingle((uint)bits), -0f, float.Epsilon, float.MaxValue, float.MinValue,
            0.1f, 1e7f, 16777216f, -16777215f, 1e-40f, 3.4e38f),
        [typeof(double)] = Of(
            0d,
            BitConverter.UInt64BitsToDouble,
            -0d,
            double.Epsilon,
            double.MaxValue,
            double.MinValue,
            0.1,
            1e15,
            1e16,
            -1e15 + 1,
            9007199254740993d,
            1e-310,
            123456789.125,
            1.0 / 3),
        [typeof(decimal)] = Of(Gen.Frequency((2, Gen.Elements(Decimals)), (3, AnyDecimal()))),
        [typeof(char)] = Of(Gen.OneOf(
            Gen.Elements('\0', ' ', '"', '\\', 'ä', '\uFEFF', '\uFFFF', '\u2028'),
            Gen.Choose(0, 0xD7FF).Select(number => (char)number))),
        [typeof(string)] = Of(Text),
        [typeof(Guid)] = Of(Gen.OneOf(
            Gen.Elements(Guid.Empty, Guid.AllBitsSet),
            Gen.Choose(0, 255).Select(number => (byte)number).ArrayOf(16).Select(bytes => new Guid(bytes)))),
        [typeof(DateTime)] = Of(
            from ticks in Ticks(DateTime.MaxValue.Ticks)
            from kind in Gen.Elements(DateTimeKind.Unspecified, DateTimeKind.Utc, DateTimeKind.Local)
            select new DateTime(ticks, kind)),
        [typeof(DateTimeOffset)] = Of(
            from ticks in Ticks(DateTimeOffset.MaxValue.UtcTicks)
            from minutes in Gen.Frequency(
                (2, Gen.Elements(0, 60, -60, MaxOffsetMinutes, -MaxOffsetMinutes)),
                (1, Gen.Choose(-MaxOffsetMinutes, MaxOffsetMinutes)))
            select At(ticks, minutes)),
        [typeof(DateOnly)] = Of(Gen.OneOf(
            Gen.Elements(DateOnly.MinValue, DateOnly.MaxValue, new DateOnly(1969, 12, 31), new DateOnly(2024, 2, 29)),
            Gen.Choose(0, DateOnly.MaxValue.DayNumber).Select(DateOnly.FromDayNumber))),
        [typeof(TimeOnly)] = Of(Ticks(TimeOnly.MaxValue.Ticks).Select(ticks => new TimeOnly(ticks))),
        [typeof(TimeSpan)] = Of(
            TimeSpan.Zero, bits => new TimeSpan((long)bits), TimeSpan.MinValue, TimeSpan.MaxValue, new TimeSpan(1),
            new TimeSpan(-1), TimeSpan.FromDays(-1)),
        [typeof(Uri)] = Of(Gen.Elements(Links).Select(link => new Uri(link.Text, link.Kind))),
        [typeof(byte[])] = Of(Gen.OneOf(
            Gen.Constant(Array.Empty<byte>()),
            Gen.Choose(0, 255).Select(number => (byte)number).ArrayOf(),
            Gen.Constant(new byte[10_000]))),
        [typeof(JsonElement)] = Of(Gen.Elements(Elements).Select(text => JsonElement.Parse(text))),
    };

    private static decimal[] Decimals =>
        [
            0m,
            0.00m,
            decimal.MaxValue,
            decimal.MinValue,
            0.0000000000000000000000000001m,
            -0.0000000000000000000000000001m,
            1.10m,
            -1.0m,
            7.9228162514264337593543950335m,
            18446744073709551616m,
            18446744073709551615m,
            -18446744073709551616m,
            1e28m,
        ];

    /// <summary>Returns the generator of a type, or null if the type is not supported here.</summary>
    public static Gen<object>? Find(Type type) => Known.GetValueOrDefault(type);

    /// <summary>
    /// Returns a generator of values that no store accepts. Returns null if a store accepts all values of the type.
    /// </summary>
    public static Gen<object?>? FindUnstorable(Type type) =>
        type == typeof(double) ? Gen.Elements<object?>(double.NaN, double.PositiveInfinity, double.NegativeInfinity)
        : type == typeof(float) ? Gen.Elements<object?>(float.NaN, float.PositiveInfinity, float.NegativeInfinity)
        : type == typeof(string) ? Gen.Elements<object?>("\ud800", "a\udc00b", "\udc00\ud800")
        : type == typeof(char) ? Gen.Elements<object?>('\ud800', '\udfff')
        : type == typeof(JsonElement) ? Gen.Constant<object?>(default(JsonElement))
        : null;

    private static Gen<object> Of<T>(Gen<T> values)
        where T : notnull => values.Select(value => (object)value);

    private static Gen<object> Of<T>(T first, Func<ulong, T> of, params T[] edges)
        where T : notnull => Of(Gen.OneOf(
            Gen.Elements([first, .. edges]),
            Bits.Select(of).Where(IsFinite),
            Gen.Choose(0, 100).Select(number => of((ulong)number)).Where(IsFinite)));

    private static bool IsFinite<T>(T value) => value switch
    {
        double number => double.IsFinite(number),
        float number => float.IsFinite(number),
        _ => true,
    };

    private static Gen<decimal> AnyDecimal() =>
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        from middle in Gen.Elements(0, 1, int.MinValue, -1)
        from high in Gen.Elements(0, 0, 1, -1)
        from isNegative in Gen.Elements(true, false)
        from scale in Gen.Choose(0, 28)
        select new decimal(low, middle, high, isNegative, (byte)scale);

    private static Gen<long> Ticks(long last) => Gen.OneOf(
        Gen.Elements(0, 1, last, last - 1, Math.Min(last, TimeSpan.TicksPerHour), last / 2),
        Bits.Select(bits => (long)(bits % (ulong)last)),
        Bits.Select(bits => (long)(bits % (ulong)last) / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond));

    /// <summary>
    /// Returns the instant of the UTC ticks. It has the offset if the local time is then within the range of the type.
    /// </summary>
    private static DateTimeOffset At(long ticks, int minutes)
    {
        var local = ticks + (minutes * TimeSpan.TicksPerMinute);
        return local < 0 || local > DateTime.MaxValue.Ticks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : new DateTimeOffset(local, TimeSpan.FromMinutes(minutes));
    }
}
