using System.Globalization;

namespace Millrace.Testing.Differences;

/// <summary>Expected and actual events that differ.</summary>
internal sealed class EventComparison
{
    private readonly IReadOnlyList<DisplayedEvent> _expected;
    private readonly IReadOnlyList<DisplayedEvent> _actual;
    private readonly List<EventPair> _pairs;

    private EventComparison(
        IReadOnlyList<DisplayedEvent> expected,
        IReadOnlyList<DisplayedEvent> actual,
        List<EventPair> pairs) => (_expected, _actual, _pairs) = (expected, actual, pairs);

    /// <summary>Compares events. Returns null if all events are as expected.</summary>
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

    /// <summary>Summarizes the differences and then shows them.</summary>
    /// <param name="addIntroduction">Adds sections before the differences.</param>
    /// <param name="location">The stream of the events, such as <c> in 'order-1'</c>.</param>
    public string Write(Func<FailureText, FailureText> addIntroduction, string location = "") =>
        addIntroduction(new FailureText(Problem(location))).Alignment(_pairs, _expected, _actual).ToString();

    private string Problem(string location)
    {
        var start = $"Expected {Count(_expected.Count)}{location}, but ";
        if (_actual.Count == 0)
            return start + "nothing happened.";
        if (_expected.Count == 0)
            return $"{start}{Count(_actual.Count)} occurred.";
        string?[] parts =
        [
            Part(
                _pairs.Count(pair => pair is { IsSame: false, Expected: not null, Actual: not null }),
                "differs",
                "differ"),
            Part(_pairs.Count(pair => pair.Actual is null), "is missing", "are missing"),
            Part(_pairs.Count(pair => pair.Expected is null), "was not expected", "were not expected"),
        ];
        return start + string.Join(", ", parts.OfType<string>()) + ".";
    }

    private static string? Part(int count, string one, string several) =>
        count == 0 ? null : $"{count.ToString(CultureInfo.InvariantCulture)} {(count == 1 ? one : several)}";
}
