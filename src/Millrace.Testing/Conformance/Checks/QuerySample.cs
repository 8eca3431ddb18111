using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// A collection with a field of each kind. Its documents contain edge cases and nulls, and several documents have equal
/// values.
/// </summary>
internal sealed class QuerySample
{
    public const string Name = "sample@1";

    private static readonly string[] Texts =
    [
        "",
        " ",
        "a",
        "A",
        "ab",
        "aB",
        "abc",
        "a%",
        "a_",
        "a\\",
        "%",
        "_",
        "'",
        "\"",
        "ä",
        "a\u0308",
        "z",
        "\uff5a",
        "\ue000",
        "😀",
        "😀b",
        "0",
        "10",
        "9",
    ];

    private static readonly long[] Integers =
    [
        0,
        1,
        -1,
        9,
        10,
        100,
        long.MaxValue,
        long.MinValue,
        1L << 53,
        (1L << 53) + 1,
    ];

    private static readonly decimal[] Decimals =
    [
        0m,
        0.00m,
        1m,
        1.0m,
        1.10m,
        1.1m,
        1.11m,
        -1m,
        -1.1m,
        0.1m,
        0.3m,
        9m,
        10m,
        99.99m,
        100m,
        0.0000000000000000000000000001m,
        -0.0000000000000000000000000001m,
        decimal.MaxValue,
        decimal.MinValue,
        79228162514264337593543950334m,
        12345678901234567890.12345678m,
        12345678901234567890.12345679m,
    ];

    private static readonly double[] Reals = [0, 0.1, 0.3, 0.1 + 0.2, -1.5, 1e300, -1e300, double.Epsilon, 3.0, 1e-7];

    private QuerySample(Dictionary<string, FieldValue[]> documents) =>
        (Documents, Model) = (documents, new QueryModel(Definition, documents));

    public static CollectionDefinition Definition { get; } = new(Name,
    [
        new FieldDefinition("text", FieldKind.Text), new FieldDefinition("integer", FieldKind.Integer),
        new FieldDefinition("exact", FieldKind.Decimal),
        new FieldDefinition("real", FieldKind.Real), new FieldDefinition("few", FieldKind.Text),
    ])
    {
        KeyCoding = 3,
    };

    public Dictionary<string, FieldValue[]> Documents { get; }

    public QueryModel Model { get; }

    public static async Task<QuerySample> Fill(StorageProbe probe, int count = 150, int seed = 11)
    {
        var random = new Random(seed);
        await probe.Documents.EnsureCollection(Definition, probe.Cancel);
        var documents = new Dictionary<string, FieldValue[]>();
        for (var i = 0; i < count; i++)
        {
            FieldValue[] fields =
            [
                Value(0, random),
                Value(1, random),
                Value(2, random),
                Value(3, random),
                random.Next(4) == 0 ? default : OneOrTwo(random),
            ];
            documents[$"key-{i}"] = fields;
        }
        await probe.Do(Sample.Write([.. documents.Select(pair => Sample.Put(Name, pair.Key, pair.Key, pair.Value))]));
        return new QuerySample(documents);
    }

    /// <summary>
    /// Returns a random value for the field at an index. One value in ten is null if <paramref name="mayBeNull"/> is
    /// set.
    /// </summary>
    public static FieldValue Value(int field, Random random, bool mayBeNull = true)
    {
        if (mayBeNull && random.Next(10) == 0)
            return FieldValue.Null;
        return field switch
        {
            0 => Texts[random.Next(Texts.Length)],
            1 => Integers[random.Next(Integers.Length)],
            2 => Decimals[random.Next(Decimals.Length)],
            3 => Reals[random.Next(Reals.Length)],
            _ => OneOrTwo(random),
        };
    }

    private static FieldValue OneOrTwo(Random random) => random.Next(2) == 0 ? "one" : "two";
}
