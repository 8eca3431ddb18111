using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Testing.Generation;

/// <summary>
/// Generates JSON for primitive types: texts, numbers, times. It generates values that domain rules usually accept, and
/// sometimes edge cases.
/// </summary>
internal static class PrimitiveGenerators
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";
    private const string Capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";

    private const int UsualWeight = 9;
    private const int EdgeWeight = 1;

    private static readonly DateTimeOffset FirstTime = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Words, codes, numbers, sentences in several scripts, addresses: most rules accept some of them.
    /// </summary>
    public static Gen<string> Text { get; } = Gen.OneOf(
        Of(Letters, 1, 12),
        Of(Letters + Digits, 8, 8),
        Of(Capitals, 3, 3),
        Of(Digits, 1, 10),
        Of(Capitals + Digits, 4, 10),
        Of(Letters + "  '-.,äßøПч東🦉", 1, 30).Where(text => text.IsNormalized() && text.Trim().Length > 0),
        from name in Of(Letters, 1, 10) from domain in Of(Letters, 2, 10) select $"{name}@{domain}.org",
        from first in Of(Letters, 1, 8) from second in Of(Letters + Digits, 1, 8) select $"{first}-{second}",
        from page in Of(Letters, 1, 10) select $"https://example.org/{page}");

    // Declared after the text generators, because its initializer uses them.
    private static readonly Dictionary<Type, Gen<JsonNode?>> Known =
        Build().ToDictionary(known => known.Key, known => WithEdges(known.Key, known.Value));

    /// <summary>Returns the generator of a type; null for other types.</summary>
    public static Gen<JsonNode?>? Find(Type type) => Known.GetValueOrDefault(type);

    private static Gen<JsonNode?> WithEdges(Type type, Gen<JsonNode?> usual) =>
        PrimitiveEdges.Of(type) is { Count: > 0 } edges
            ? Gen.Frequency(
                (UsualWeight, usual),
                (EdgeWeight, Gen.Elements(edges.ToArray()).Select(edge => edge?.DeepClone())))
            : usual;

    private static Dictionary<Type, Gen<JsonNode?>> Build()
    {
        var whole = Gen.Frequency(
            (1, Gen.Constant(0)), (6, Gen.Choose(1, 100)), (2, Gen.Choose(1, 1_000_000)), (1, Gen.Choose(-100, -1)));
        var amount = from units in whole from cents in Gen.Choose(0, 99) select units + (cents / 100m);
        var time = Gen.Choose(0, 10 * 365 * 24 * 3_600).Select(seconds => FirstTime.AddSeconds(seconds));
        var span = Gen.Choose(0, 30 * 24 * 3_600).Select(seconds => TimeSpan.FromSeconds(seconds));
        return new()
        {
            [typeof(string)] = Text.Select(value => (JsonNode?)JsonValue.Create(value)),
            [typeof(char)] = Gen.Elements((Letters + Digits).ToCharArray())
                .Select(value => (JsonNode?)JsonValue.Create(value.ToString())),
            [typeof(bool)] = Gen.Elements(true, false).Select(value => (JsonNode?)JsonValue.Create(value)),
            [typeof(byte)] = Gen.Choose(0, byte.MaxValue).Select(value => (JsonNode?)JsonValue.Create(value)),
            [typeof(sbyte)] = Gen.Choose(sbyte.MinValue, sbyte.MaxValue)
                .Select(value => (JsonNode?)JsonValue.Create(value)),
            [typeof(short)] = Gen.Choose(-100, short.MaxValue).Select(value => (JsonNode?)JsonValue.Create(value)),
            [typeof(ushort)] = Gen.Choose(0, ushort.MaxValue).Select(value => (JsonNode?)JsonValue.Create(value)),
            [typeof(int)] = whole.Select(value => (JsonNode?)JsonValue.Create(value)),
            [typeof(uint)] = Gen.Choose(0, int.MaxValue).Select(value => (JsonNode?)JsonValue.Create(value)),
            [typeof(long)] = whole.Select(value => (JsonNode?)JsonValue.Create(value)),
            [typeof(ulong)] = Gen.Choose(0, int.MaxValue).Select(value => (JsonNode?)JsonValue.Create(value)),
            [typeof(decimal)] = amount.Select(value => (JsonNode?)JsonValue.Create(value)),
            [typeof(double)] = whole.Select(value => (JsonNode?)JsonValue.Create(value / 8.0)),
            [typeof(float)] = whole.Select(value => (JsonNode?)JsonValue.Create(value / 8.0f)),
            [typeof(Guid)] = Gen.ArrayOf(Gen.Choose(0, byte.MaxValue), 16)
                .Select(bytes => (JsonNode?)JsonValue.Create(new Guid([.. bytes.Select(one => (byte)one)]).ToString())),
            [typeof(DateTimeOffset)] = Formatted(time, "O"),
            [typeof(DateTime)] = time.Select(value => (JsonNode?)JsonValue.Create(value.UtcDateTime)),
            [typeof(DateOnly)] = Formatted(time.Select(value => DateOnly.FromDateTime(value.UtcDateTime)), "O"),
            [typeof(TimeOnly)] = Formatted(time.Select(value => TimeOnly.FromDateTime(value.UtcDateTime)), "O"),
            [typeof(TimeSpan)] = Formatted(span, "c"),
            [typeof(Uri)] = Of(Letters, 1, 10)
                .Select(page => (JsonNode?)JsonValue.Create($"https://example.org/{page}")),
            [typeof(byte[])] = Of(Letters, 0, 20)
                .Select(text =>
                    (JsonNode?)JsonValue.Create(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text)))),
            [typeof(JsonElement)] = whole.Select(value => (JsonNode?)new JsonObject { ["number"] = value }),
        };
    }

    private static Gen<JsonNode?> Formatted<T>(Gen<T> values, string format)
        where T : IFormattable =>
        values.Select(value => (JsonNode?)JsonValue.Create(value.ToString(format, CultureInfo.InvariantCulture)));

    private static Gen<string> Of(string characters, int minLength, int maxLength)
    {
        // The characters are runes, because a character may be a surrogate pair.
        var all = characters.EnumerateRunes().Select(rune => rune.ToString()).ToArray();
        return Gen.Choose(minLength, maxLength)
            .SelectMany(count => Gen.ArrayOf(Gen.Elements(all), count))
            .Select(string.Concat);
    }
}
