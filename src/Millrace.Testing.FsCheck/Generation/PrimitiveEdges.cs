using System.Globalization;
using System.Text.Json.Nodes;

namespace Millrace.Testing.Generation;

/// <summary>Valid but unusual edge-case values of primitive types, which often reveal mistakes.</summary>
internal static class PrimitiveEdges
{
    private static readonly string[] Texts =
    [
        "",
        " ",
        "a",
        "0",
        "null",
        "Ä",
        "ß",
        "İı",
        "e\u0301",
        "\u200B",
        "\u202Eabc",
        "\uFFFD",
        "مرحبا",
        "日本語",
        "🦉",
        "\U0001F469\u200D\U0001F467",
        "it's \"so\"",
        "<b>&amp;</b>",
        "back\\slash",
        "two\nlines",
        "tab\there",
        " around ",
        new string('a', 255),
        new string('a', 256),
        new string('ä', 1_000),
        new string('a', 4_096),
    ];

    private static readonly double[] Doubles =
        [0, -1, 0.1, 1e-300, double.MaxValue, double.MinValue, double.Epsilon, 9_007_199_254_740_993];

    private static readonly float[] Floats = [0, -1, 0.1f, float.MaxValue, float.MinValue, float.Epsilon];

    private static readonly DateTimeOffset[] Times =
    [
        DateTimeOffset.MinValue, DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch,
        new(1999, 12, 31, 23, 59, 59, 999, TimeSpan.Zero),
        new(2024, 2, 29, 0, 0, 0, TimeSpan.FromHours(14)),
        new(2024, 12, 31, 23, 59, 59, TimeSpan.FromHours(-12)),
        new DateTimeOffset(2024, 3, 31, 1, 30, 0, TimeSpan.FromMinutes(330)).AddTicks(1),
        new DateTimeOffset(2024, 6, 30, 12, 0, 0, TimeSpan.Zero).AddTicks(9_999_999),
    ];

    private static readonly Dictionary<Type, (decimal Min, decimal Max)> Ranges = new()
    {
        [typeof(byte)] = (byte.MinValue, byte.MaxValue),
        [typeof(sbyte)] = (sbyte.MinValue, sbyte.MaxValue),
        [typeof(short)] = (short.MinValue, short.MaxValue),
        [typeof(ushort)] = (ushort.MinValue, ushort.MaxValue),
        [typeof(int)] = (int.MinValue, int.MaxValue),
        [typeof(uint)] = (uint.MinValue, uint.MaxValue),
        [typeof(long)] = (long.MinValue, long.MaxValue),
        [typeof(ulong)] = (ulong.MinValue, ulong.MaxValue),
        [typeof(decimal)] = (decimal.MinValue, decimal.MaxValue),
    };

    private static readonly Dictionary<Type, JsonNode?[]> Known = Build();

    /// <summary>Returns the edge cases of a type, if it has any.</summary>
    public static IReadOnlyList<JsonNode?> Of(Type type) => Known.GetValueOrDefault(type) ?? [];

    /// <summary>Returns true for number types whose values fit a decimal.</summary>
    public static bool IsNumber(Type type) => Ranges.ContainsKey(type);

    /// <summary>Returns true if a number type contains the number.</summary>
    public static bool IsWithin(Type type, decimal number) => Ranges.TryGetValue(type, out var range)
        && number >= range.Min && number <= range.Max && (type == typeof(decimal) || decimal.IsInteger(number));

    private static Dictionary<Type, JsonNode?[]> Build()
    {
        var known = Ranges.ToDictionary(range => range.Key, range => Numbers(range.Key));
        known[typeof(string)] = [.. Texts.Select(text => (JsonNode?)JsonValue.Create(text))];
        known[typeof(char)] = [.. " 'Zßé\"\\".Select(one => (JsonNode?)JsonValue.Create(one.ToString()))];
        known[typeof(double)] = [.. Doubles.Select(value => (JsonNode?)JsonValue.Create(value))];
        known[typeof(float)] = [.. Floats.Select(value => (JsonNode?)JsonValue.Create(value))];
        known[typeof(Guid)] =
        [
            JsonValue.Create(new Guid(1, 0, 0, new byte[8]).ToString()),
            JsonValue.Create(Guid.AllBitsSet.ToString()),
        ];
        known[typeof(DateTimeOffset)] = Formatted(Times, "O");
        known[typeof(DateTime)] = [.. Times.Select(time => (JsonNode?)JsonValue.Create(time.UtcDateTime))];
        known[typeof(DateOnly)] = Formatted(
            [DateOnly.MinValue, DateOnly.MaxValue, new(2024, 2, 29), new(1999, 12, 31)],
            "O");
        known[typeof(TimeOnly)] = Formatted([TimeOnly.MinValue, TimeOnly.MaxValue], "O");
        known[typeof(TimeSpan)] = Formatted(
            [TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(-1), TimeSpan.MinValue, TimeSpan.MaxValue],
            "c");
        return known;
    }

    private static JsonNode?[] Numbers(Type type)
    {
        var (min, max) = Ranges[type];
        decimal[] all = type == typeof(decimal)
            ? [0m, 1m, -1m, 0.01m, -0.01m, 0.005m, 1.10m, min, max, 0.0000000000000000000000000001m]
            : [0m, 1m, -1m, min, min + 1, max - 1, max];
        return [.. all.Where(one => IsWithin(type, one)).Distinct().Select(one => (JsonNode?)JsonValue.Create(one))];
    }

    private static JsonNode?[] Formatted<T>(IEnumerable<T> values, string format)
        where T : IFormattable =>
        [.. values.Select(value => (JsonNode?)JsonValue.Create(value.ToString(format, CultureInfo.InvariantCulture)))];
}
