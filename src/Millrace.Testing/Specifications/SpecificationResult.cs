using System.Text;

namespace Millrace.Testing;

/// <summary>What a command led to: events, or a refusal.</summary>
public sealed class SpecificationResult
{
    private readonly IReadOnlyList<object> _given;
    private readonly IReadOnlyList<object> _events;
    private readonly Exception? _thrown;

    private SpecificationResult(IReadOnlyList<object> given, IReadOnlyList<object> events, Exception? thrown) =>
        (_given, _events, _thrown) = (given, events, thrown);

    /// <summary>Expects exactly these events, in this order.</summary>
    /// <exception cref="SpecificationException">Other events came, or a refusal; shows which.</exception>
    public void Then(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (_thrown is not null)
            throw Failed($"{events.Length} events were expected, but it was refused: {_thrown.GetType().Name}: {_thrown.Message}", events);
        if (!_events.SequenceEqual(events))
            throw Failed(Difference(events), events);
    }

    /// <summary>Expects that nothing happened: no event, and no refusal.</summary>
    /// <exception cref="SpecificationException">Something did.</exception>
    public void ThenNothing() => Then();

    /// <summary>Expects a refusal by a rule of the domain.</summary>
    /// <param name="invariant">The rule's name.</param>
    /// <exception cref="SpecificationException">It was not refused, or by another rule.</exception>
    public void ThenRefused(string invariant)
    {
        ArgumentException.ThrowIfNullOrEmpty(invariant);
        if (_thrown is InvariantViolatedException refusal && refusal.Invariant == invariant)
            return;
        var came = _thrown switch
        {
            null => "was not",
            InvariantViolatedException other => $"was by '{other.Invariant}': {other.Message}",
            _ => $"{_thrown.GetType().Name} was thrown: {_thrown.Message}",
        };
        throw Failed($"It was to be refused by '{invariant}', but {came}", $"refused by '{invariant}'");
    }

    /// <summary>Expects an exception, and returns it.</summary>
    /// <exception cref="SpecificationException">Nothing was thrown, or something else.</exception>
    public TException ThenThrew<TException>()
        where TException : Exception => _thrown switch
    {
        TException expected => expected,
        null => throw Failed($"{typeof(TException).Name} was expected, but nothing was thrown.", typeof(TException).Name),
        _ => throw Failed(
            $"{typeof(TException).Name} was expected, but {_thrown.GetType().Name} was thrown: {_thrown.Message}", typeof(TException).Name),
    };

    internal static SpecificationResult Of(IReadOnlyList<object> given, Func<IReadOnlyList<object>> decide)
    {
        try
        {
            return new SpecificationResult([.. given], [.. decide()], null);
        }
#pragma warning disable CA1031 // What the domain throws is what came of it; the expectation that follows judges it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new SpecificationResult([.. given], [], exception);
        }
    }

    private string Difference(object[] expected)
    {
        var place = expected.Zip(_events).TakeWhile(pair => pair.First.Equals(pair.Second)).Count();
        if (place == expected.Length || place == _events.Count)
            return $"{expected.Length} events were expected, but {_events.Count} came.";
        return $"{expected[place]}" == $"{_events[place]}"
            ? $"Event {place + 1} prints as expected, but is not equal: a record compares a collection in it by reference."
            : $"Event {place + 1} is another one.";
    }

    /// <summary>A failure of an expectation other than events.</summary>
    private SpecificationException Failed(string problem, string expected)
    {
        var text = new StringBuilder(problem).AppendLine();
        Show(text, "Given", _given, _given);
        text.Append("Expected: ").AppendLine(expected);
        if (_thrown is InvariantViolatedException refusal)
            text.Append("Actual: refused by '").Append(refusal.Invariant).AppendLine("'");
        else if (_thrown is not null)
            text.Append("Actual: ").AppendLine(_thrown.GetType().Name);
        else
            Show(text, "Actual", _events, _events);
        return new SpecificationException(text.ToString().TrimEnd(), _thrown);
    }

    private SpecificationException Failed(string problem, object[] expected)
    {
        var text = new StringBuilder(problem).AppendLine();
        Show(text, "Given", _given, []);
        Show(text, "Expected", expected, _events);
        Show(text, "Actual", _events, expected);
        return new SpecificationException(text.ToString().TrimEnd(), _thrown);
    }

    /// <summary>One event to a line; those that the other side has not in the same place are marked.</summary>
    private static void Show(StringBuilder text, string title, IReadOnlyList<object> events, IReadOnlyList<object> others)
    {
        text.Append(title).AppendLine(events.Count == 0 ? ": nothing" : ":");
        for (var i = 0; i < events.Count; i++)
        {
            var differs = title != "Given" && (i >= others.Count || !events[i].Equals(others[i]));
            text.Append(differs ? "  > " : "    ").Append(i + 1).Append(". ").Append(events[i]).AppendLine();
        }
    }
}
