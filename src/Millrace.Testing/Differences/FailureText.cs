using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>Writes what was expected and what came, so that the difference is seen at once: only what differs is
/// marked.</summary>
internal sealed class FailureText
{
    private const int MaxLines = 200;
    private const int MaxCharacters = 160;
    private const int Before = 30;

    private readonly StringBuilder _text = new();
    private int _lines;

    public FailureText(string problem) => Line(problem);

    public FailureText Events(string title, IReadOnlyList<DisplayedEvent> events)
    {
        Line("").Line(title);
        if (events.Count == 0)
            Line("    nothing");
        for (var i = 0; i < events.Count; i++)
            Line($"    {Place(i)} {Cut(events[i].ToString())}");
        return this;
    }

    /// <summary>The failure, with what was expected.</summary>
    public SpecificationException With(string title, IReadOnlyList<DisplayedEvent> events, Exception? cause) =>
        new((events.Count == 0 ? this : Events(title, events)).ToString(), cause);

    /// <summary>The failure, with what came instead, unless it was an exception.</summary>
    public SpecificationException WithRaised(IReadOnlyList<DisplayedEvent> raised, Exception? cause) =>
        cause is null && raised.Count > 0
            ? With("Raised", raised, null)
            : new SpecificationException(ToString(), cause);

    public FailureText Lines(string title, IReadOnlyList<string> lines)
    {
        Line("").Line(title);
        foreach (var line in lines)
            Line("    " + Cut(line));
        return this;
    }

    /// <summary>Lines that are copied, and so are not cut off.</summary>
    public FailureText Code(string title, IReadOnlyList<string> lines)
    {
        Line("").Line(title);
        foreach (var line in lines)
            Line(line.Length == 0 ? "" : "    " + line);
        return this;
    }

    public FailureText Section(string title, string content) => Line("").Line(title).Line("    " + Cut(content));

    /// <summary>The events side by side: <c>~</c> came otherwise, <c>-</c> is missing, <c>+</c> was not
    /// expected.</summary>
    public FailureText Alignment(
        IReadOnlyList<EventPair> pairs, IReadOnlyList<DisplayedEvent> expected, IReadOnlyList<DisplayedEvent> actual)
    {
        Line("").Line("Then (- expected, + came)");
        foreach (var pair in pairs)
            Pair(pair, expected, actual);
        return this;
    }

    public FailureText Differences(string title, JsonNode? expected, JsonNode? actual) =>
        Differences(title, ValueDifferences.Between(expected, actual));

    public FailureText Differences(string title, IReadOnlyList<ValueDifference> differences)
    {
        Line("").Line(title);
        foreach (var difference in differences)
            Difference(difference, "    ");
        return this;
    }

    public override string ToString() => _text.ToString().TrimEnd();

    private void Pair(EventPair pair, IReadOnlyList<DisplayedEvent> expected, IReadOnlyList<DisplayedEvent> actual)
    {
        if (pair is { Expected: { } missing, Actual: null })
        {
            Line($"  - {Place(missing)} {Cut(expected[missing].ToString())}{Elsewhere(expected[missing], actual)}");
        }
        else if (pair is { Expected: null, Actual: { } more })
        {
            Line($"  + {Place(more)} {Cut(actual[more].ToString())}");
        }
        else if (pair is { Expected: { } place, Actual: { } came })
        {
            var moved = place == came ? "" : $" (came as {(came + 1).ToString(CultureInfo.InvariantCulture)})";
            Line(pair.IsSame
                ? $"    {Place(place)} {Cut(expected[place].ToString())}{moved}"
                : $"  ~ {Place(place)} {expected[place].Type}{moved}");
            foreach (var difference in pair.Differences)
                Difference(difference, "       ");
        }
    }

    private static string Elsewhere(DisplayedEvent missing, IReadOnlyList<DisplayedEvent> actual)
    {
        for (var i = 0; i < actual.Count; i++)
        {
            if (actual[i].Type == missing.Type
                && ValueDifferences.Between(missing.Members, actual[i].Members).Count == 0)
                return $" (came as {(i + 1).ToString(CultureInfo.InvariantCulture)})";
        }
        return "";
    }

    private void Difference(ValueDifference difference, string indent)
    {
        var (expected, actual) = Window(difference.Expected, difference.Actual);
        var name = difference.Path.Length == 0 ? "" : difference.Path + ": ";
        if (expected is not null)
            Line($"{indent}- {name}{expected}");
        if (actual is not null)
            Line($"{indent}+ {name}{actual}");
    }

    /// <summary>Of long texts, the part where they begin to differ.</summary>
    private static (string? Expected, string? Actual) Window(string? expected, string? actual)
    {
        if (expected is null || actual is null || Math.Max(expected.Length, actual.Length) <= MaxCharacters)
            return (expected is null ? null : Cut(expected), actual is null ? null : Cut(actual));
        var same = expected.AsSpan().CommonPrefixLength(actual);
        var from = Math.Max(0, same - Before);
        return (Part(expected, from), Part(actual, from));
    }

    private static string Part(string text, int from) => from == 0 ? Cut(text) : "…" + Cut(text[from..]);

    private static string Cut(string text) =>
        text.Length <= MaxCharacters ? text : string.Concat(text.AsSpan(0, MaxCharacters), "…");

    private static string Place(int index) => (index + 1).ToString(CultureInfo.InvariantCulture) + ".";

    private FailureText Line(string line)
    {
        if (_lines++ < MaxLines)
            _text.Append(line).Append('\n');
        else if (_lines == MaxLines + 1)
            _text.Append("… and more.").Append('\n');
        return this;
    }
}
