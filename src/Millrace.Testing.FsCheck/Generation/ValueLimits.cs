using System.Text.Json.Nodes;

namespace Millrace.Testing.Generation;

/// <summary>
/// Finds the limits of a rule by evaluating it. For numbers, it finds accepted values next to refused values. For
/// texts, it finds the shortest and the longest accepted lengths.
/// </summary>
/// <param name="inner">The type of the values' content.</param>
/// <param name="accepts">The rule.</param>
internal sealed class ValueLimits(Type inner, Func<JsonNode?, bool> accepts)
{
    private const int MaxTextLength = 8_192;
    private const decimal Cent = 0.01m;

    private static readonly string[] Alphabets = ["a", "A", "0"];

    // Where domain rules usually have limits: near zero, at round numbers, and at the limits of types.
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

    /// <summary>Returns true if limits can be found for a type of values.</summary>
    public static bool MayFind(Type type) => type == typeof(string) || PrimitiveEdges.IsNumber(type);

    /// <summary>Returns the limits; none if the rule accepts all values or has no limits.</summary>
    public IReadOnlyList<JsonNode?> Find()
    {
        if (inner == typeof(string))
            return
            [
                .. Alphabets
                    .SelectMany(FindTexts)
                    .Distinct(StringComparer.Ordinal)
                    .Select(text => (JsonNode?)JsonValue.Create(text)),
            ];
        if (!PrimitiveEdges.IsNumber(inner))
            return [];
        var limits = FindNumbers(Probes, 1m, WholeNumber);
        if (inner == typeof(decimal))
        {
            // Monetary rules often have limits in cents: the first accepted value is 0.01, or the last is 999.99.
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

    /// <summary>Returns the limit between each two neighboring probes of which the rule accepts only one.</summary>
    private List<decimal> FindNumbers(
        IReadOnlyList<decimal> probes, decimal step, Func<decimal, decimal, decimal> middle)
    {
        var limits = new List<decimal>();
        var candidates = probes.Where(probe => PrimitiveEdges.IsWithin(inner, probe)).ToList();
        for (var i = 0; i + 1 < candidates.Count; i++)
        {
            var low = candidates[i];
            var high = candidates[i + 1];
            var isLowAccepted = Accepts(low);
            if (isLowAccepted == Accepts(high))
                continue;
            while (high - low > step)
            {
                var between = middle(low, high);
                if (between <= low || between >= high)
                    break;
                if (Accepts(between) == isLowAccepted)
                    low = between;
                else
                    high = between;
            }
            limits.Add(isLowAccepted ? low : high);
        }
        return limits;
    }

    private IEnumerable<string> FindTexts(string character)
    {
        var accepted = new List<int>();
        var isRefused = false;
        for (var length = 0; length <= MaxTextLength; length = length < 40 ? length + 1 : length * 2)
        {
            if (AcceptsText(character, length))
                accepted.Add(length);
            else
                isRefused = true;
        }
        if (accepted.Count == 0 || !isRefused)
            return [];
        var low = accepted[^1];
        var high = Math.Min(MaxTextLength + 1, accepted[^1] < 40 ? accepted[^1] + 1 : accepted[^1] * 2);
        while (high - low > 1)
        {
            var between = low + ((high - low) / 2);
            if (AcceptsText(character, between))
                low = between;
            else
                high = between;
        }
        return
        [
            string.Concat(Enumerable.Repeat(character, accepted[0])),
            string.Concat(Enumerable.Repeat(character, low)),
        ];
    }

    private bool AcceptsText(string character, int length) =>
        accepts(JsonValue.Create(string.Concat(Enumerable.Repeat(character, length))));
}
