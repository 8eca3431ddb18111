using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>
/// Finds the limits of a rule by asking it: of numbers the first and the last that it accepts beside one that it
/// refuses, of texts the shortest and the longest.
/// </summary>
/// <param name="inner">What the values hold.</param>
/// <param name="accepts">The rule.</param>
internal sealed class ValueLimits(Type inner, Func<JsonNode?, bool> accepts)
{
    private const int MaxTextLength = 8_192;
    private const decimal Cent = 0.01m;

    private static readonly string[] Alphabets = ["a", "A", "0"];

    // Where rules of a domain begin and end: near nought, at round numbers, and at the ends of types.
    private static readonly decimal[] Probes =
    [
        decimal.MinValue,
        -1e18m,
        long.MinValue,
        int.MinValue,
        -1_000_000_000_001m,
        -1_000_001m,
        -1_001m,
        -101m,
        -1m,
        0m,
        1m,
        2m,
        5m,
        10m,
        12m,
        17m,
        31m,
        50m,
        99m,
        100m,
        500m,
        1_000m,
        5_000m,
        10_000m,
        100_000m,
        1_000_000m,
        100_000_000m,
        int.MaxValue,
        10_000_000_000m,
        1_000_000_000_000m,
        long.MaxValue,
        1e20m,
        decimal.MaxValue,
    ];

    /// <summary>Whether limits of a type of values can be found at all.</summary>
    public static bool MayFind(Type type) => type == typeof(string) || PrimitiveEdges.IsNumber(type);

    /// <summary>The limits; none where the rule accepts all, or is about something else.</summary>
    public IReadOnlyList<JsonNode?> Find()
    {
        if (inner == typeof(string))
            return
            [
                .. Alphabets
                    .SelectMany(Lengths)
                    .Distinct(StringComparer.Ordinal)
                    .Select(text => (JsonNode?)JsonValue.Create(text)),
            ];
        if (!PrimitiveEdges.IsNumber(inner))
            return [];
        var limits = Between(Probes, 1m, WholeNumber);
        if (inner == typeof(decimal))
        {
            // Rules of money are often about cents: 0.01 is the first that is accepted, and 999.99 the last.
            var around = limits.SelectMany(limit =>
                new[] { limit - 1 + Cent, limit - Cent, limit, limit + Cent, limit + 1 - Cent }
            );
            limits = [.. limits, .. around.Where(Accepts)];
        }
        return [.. limits.Distinct().Select(Node)];
    }

    private bool Accepts(decimal number) => accepts(Node(number));

    private JsonNode? Node(decimal number) => PrimitiveEdges.IsWithin(inner, number) ? JsonValue.Create(number) : null;

    private static decimal WholeNumber(decimal low, decimal high) => decimal.Floor((low / 2) + (high / 2));

    /// <summary>Of each pair of neighbours that the rule tells apart, the place where it begins to.</summary>
    private List<decimal> Between(IReadOnlyList<decimal> probes, decimal step, Func<decimal, decimal, decimal> middle)
    {
        var limits = new List<decimal>();
        var within = probes.Where(probe => PrimitiveEdges.IsWithin(inner, probe)).ToList();
        for (var i = 0; i + 1 < within.Count; i++)
        {
            var (low, high) = (within[i], within[i + 1]);
            var isLow = Accepts(low);
            if (isLow == Accepts(high))
                continue;
            while (high - low > step)
            {
                var between = middle(low, high);
                if (between <= low || between >= high)
                    break;
                if (Accepts(between) == isLow)
                    low = between;
                else
                    high = between;
            }
            limits.Add(isLow ? low : high);
        }
        return limits;
    }

    private IEnumerable<string> Lengths(string letter)
    {
        var (accepted, isRefused) = (new List<int>(), false);
        for (var length = 0; length <= MaxTextLength; length = length < 40 ? length + 1 : length * 2)
        {
            if (AcceptsText(letter, length))
                accepted.Add(length);
            else
                isRefused = true;
        }
        if (accepted.Count == 0 || !isRefused)
            return [];
        var (low, high) = (
            accepted[^1], Math.Min(MaxTextLength + 1, accepted[^1] < 40 ? accepted[^1] + 1 : accepted[^1] * 2));
        while (high - low > 1)
        {
            var between = low + ((high - low) / 2);
            if (AcceptsText(letter, between))
                low = between;
            else
                high = between;
        }
        return [string.Concat(Enumerable.Repeat(letter, accepted[0])), string.Concat(Enumerable.Repeat(letter, low))];
    }

    private bool AcceptsText(string letter, int length) =>
        accepts(JsonValue.Create(string.Concat(Enumerable.Repeat(letter, length))));
}
