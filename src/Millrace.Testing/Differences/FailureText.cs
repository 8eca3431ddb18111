using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Millrace.Testing.Differences;

/// <summary>Writes expected and actual values, and marks only the differences.</summary>
internal sealed class FailureText
{
    private const int MaxLines = 200;
    private const int MaxCharacters = 160;
    private const int ContextCharacters = 30;

    private readonly StringBuilder _text = new();
    private int _lines;

    public FailureText(string problem) => Line(problem);

    public FailureText Events(string title, IReadOnlyList<DisplayedEvent> events)
    {
        Line("").Line(title);
        if (events.Count == 0)
            Line("    nothing");
        for (var i = 0; i < events.Count; i++)
            Line($"    {Number(i)} {Cut(events[i].ToString())}");
        return this;
    }

    /// <summary>Returns the failure with the expected events.</summary>
    public SpecificationException With(string title, IReadOnlyList<DisplayedEvent> events, Exception? cause) =>
        new((events.Count == 0 ? this : Events(title, events)).ToString(), cause);

    /// <summary>Returns the failure with the raised events, or without them if an exception was thrown.</summary>
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

    /// <summary>Adds lines that a developer can copy. They are therefore not truncated.</summary>
    public FailureText Code(string title, IReadOnlyList<string> lines)
    {
        Line("").Line(title);
        foreach (var line in lines)
            Line(line.Length == 0 ? "" : "    " + line);
        return this;
    }

    public FailureText Section(string title, string content) => Line("").Line(title).Line("    " + Cut(content));

    /// <summary>
    /// Adds aligned events. <c>~</c> marks a different event, <c>-</c> a missing event and <c>+</c> an unexpected
    /// event.
    /// </summary>
    public FailureText Alignment(
        IReadOnlyList<EventPair> pairs, IReadOnlyList<DisplayedEvent> expected, IReadOnlyList<DisplayedEvent> actual)
    {
        Line("").Line("Then (- expected, + actual)");
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
            Line($"  - {Number(missing)} {Cut(expected[missing].ToString())}{FoundAt(expected[missing], actual)}");
        }
        else if (pair is { Expected: null, Actual: { } unexpected })
        {
            Line($"  + {Number(unexpected)} {Cut(actual[unexpected].ToString())}");
        }
        else if (pair is { Expected: { } index, Actual: { } actualIndex })
        {
            var moved = index == actualIndex ? "" : PositionText(actualIndex);
            Line(pair.IsSame
                ? $"    {Number(index)} {Cut(expected[index].ToString())}{moved}"
                : $"  ~ {Number(index)} {expected[index].Type}{moved}");
            foreach (var difference in pair.Differences)
                Difference(difference, "       ");
        }
    }

    private static string PositionText(int index) =>
        $" (found at {(index + 1).ToString(CultureInfo.InvariantCulture)})";

    private static string FoundAt(DisplayedEvent missing, IReadOnlyList<DisplayedEvent> actual)
    {
        for (var i = 0; i < actual.Count; i++)
        {
            if (actual[i].Type == missing.Type
                && ValueDifferences.Between(missing.Members, actual[i].Members).Count == 0)
                return PositionText(i);
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

    /// <summary>Returns the parts of two long texts from the point where they start to differ.</summary>
    private static (string? Expected, string? Actual) Window(string? expected, string? actual)
    {
        if (expected is null || actual is null || Math.Max(expected.Length, actual.Length) <= MaxCharacters)
            return (expected is null ? null : Cut(expected), actual is null ? null : Cut(actual));
        var same = expected.AsSpan().CommonPrefixLength(actual);
        var from = Math.Max(0, same - ContextCharacters);
        return (Part(expected, from), Part(actual, from));
    }

    private static string Part(string text, int from) => from == 0 ? Cut(text) : "…" + Cut(text[from..]);

    private static string Cut(string text) =>
        text.Length <= MaxCharacters ? text : string.Concat(text.AsSpan(0, MaxCharacters), "…");

    private static string Number(int index) => (index + 1).ToString(CultureInfo.InvariantCulture) + ".";

    private FailureText Line(string line)
    {
        if (_lines++ < MaxLines)
            _text.Append(line).Append('\n');
        else if (_lines == MaxLines + 1)
            _text.Append("… and more.").Append('\n');
        return this;
    }
}
