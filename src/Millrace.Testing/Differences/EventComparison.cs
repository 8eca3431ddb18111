using System.Globalization;

namespace Millrace.Testing;

/// <summary>What was expected and what came, where the two differ.</summary>
internal sealed class EventComparison
{
    private readonly IReadOnlyList<DisplayedEvent> _expected;
    private readonly IReadOnlyList<DisplayedEvent> _actual;
    private readonly List<EventPair> _pairs;

    private EventComparison(
        IReadOnlyList<DisplayedEvent> expected,
        IReadOnlyList<DisplayedEvent> actual,
        List<EventPair> pairs) => (_expected, _actual, _pairs) = (expected, actual, pairs);

    /// <summary>Compares; null when all came as expected.</summary>
    public static EventComparison? Between(IReadOnlyList<DisplayedEvent> expected, IReadOnlyList<DisplayedEvent> actual)
    {
        var pairs = EventAlignment.Of(expected, actual);
        return pairs.TrueForAll(pair => pair.IsSame) ? null : new EventComparison(expected, actual, pairs);
    }

    public static string Count(int events) => events switch
    {
        0 => "nothing",
        1 => "1 event",
        _ => events.ToString(CultureInfo.InvariantCulture) + " events",
    };

    /// <summary>Says in words what differs, then shows it.</summary>
    /// <param name="before">Adds what is to be known first.</param>
    /// <param name="where">Where the events were looked for: <c> in 'order-1'</c>.</param>
    public string Write(Func<FailureText, FailureText> before, string where = "") =>
        before(new FailureText(Problem(where))).Alignment(_pairs, _expected, _actual).ToString();

    private string Problem(string where)
    {
        var begin = $"Expected {Count(_expected.Count)}{where}, but ";
        if (_actual.Count == 0)
            return begin + "nothing happened.";
        if (_expected.Count == 0)
            return $"{begin}{Count(_actual.Count)} came.";
        string?[] parts =
        [
            Part(
                _pairs.Count(pair => pair is { IsSame: false, Expected: not null, Actual: not null }),
                "came otherwise",
                "came otherwise"),
            Part(_pairs.Count(pair => pair.Actual is null), "is missing", "are missing"),
            Part(_pairs.Count(pair => pair.Expected is null), "was not expected", "were not expected"),
        ];
        return begin + string.Join(", ", parts.OfType<string>()) + ".";
    }

    private static string? Part(int count, string one, string several) =>
        count == 0 ? null : $"{count.ToString(CultureInfo.InvariantCulture)} {(count == 1 ? one : several)}";
}
