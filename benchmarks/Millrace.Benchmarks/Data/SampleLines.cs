using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Millrace.Benchmarks.Data;

/// <summary>Sample events as objects and as bytes. They are created from a fixed seed before a run.</summary>
internal sealed class SampleLines
{
    public const int Keys = 10_000;
    public const string EventType = LineAdded.EventType;

    private static readonly string[] Countries =
    [
        "United Kingdom",
        "Germany",
        "France",
        "Ireland",
        "Spain",
        "Netherlands",
    ];
    private static readonly string[] Goods =
        ["WHITE HANGING HEART T-LIGHT HOLDER", "REGENCY CAKESTAND 3 TIER", "JUMBO BAG RED RETROSPOT", "PARTY BUNTING"];

    private readonly LineAdded[] _lines = new LineAdded[Keys];
    private readonly byte[][] _payloads = new byte[Keys][];

    private SampleLines()
    {
        var random = new Random(20_110_109);
        for (var i = 0; i < Keys; i++)
        {
            _lines[i] = Make(random, i);
            _payloads[i] = JsonSerializer.SerializeToUtf8Bytes(_lines[i], DataJson.Default.LineAdded);
        }
    }

    public static SampleLines Instance { get; } = new();

    public double AverageBytes => _payloads.Average(payload => payload.Length);

    /// <summary>Gets the names of the streams, by key.</summary>
    public static string[] StreamNames { get; } = [.. Enumerable.Range(0, Keys).Select(key => $"order-{key:D6}")];

    public static byte[][] KeyTexts { get; } =
    [.. Enumerable.Range(0, Keys).Select(key => Encoding.UTF8.GetBytes(key.ToString(CultureInfo.InvariantCulture)))];

    public static StreamId[] Streams { get; } = [.. StreamNames.Select(name => new StreamId(name))];

    /// <summary>Returns the line of a key. A larger number returns the line of its remainder.</summary>
    public LineAdded Line(int key) => _lines[key % Keys];

    public byte[] Payload(int key) => _payloads[key % Keys];

    /// <summary>
    /// Returns the key of the n-th event of the log. Consecutive events have keys that are far apart.
    /// </summary>
    /// <param name="number">The number of the event.</param>
    /// <param name="keys">The number of keys. It must not be a multiple of 7,919.</param>
    public static int KeyOf(long number, int keys = Keys) => (int)(number * 7_919 % keys);

    /// <summary>Returns the key in a stream's name, such as 42 for <c>order-000042</c>.</summary>
    public static int KeyOf(ReadOnlySpan<byte> name) =>
        int.Parse(name["order-".Length..], CultureInfo.InvariantCulture);

    private static LineAdded Make(Random random, int i)
    {
        var id = new byte[16];
        random.NextBytes(id);
        return new LineAdded(
            new Guid(id),
            i,
            random.Next(1, 40),
            $"{random.Next(10_000, 99_999)}{(char)('A' + random.Next(26))}",
            Goods[random.Next(Goods.Length)],
            random.Next(1, 48),
            random.Next(50, 5_000) / 100m,
            "GBP",
            Countries[random.Next(Countries.Length)],
            new DateTimeOffset(2011, 1, 1, 8, 26, 0, TimeSpan.Zero).AddSeconds(i * 37),
            $"customer-{random.Next(12_000, 18_500)}",
            "Leave with the neighbours at number " + random.Next(1, 200));
    }
}
