using Millrace.Testing.Differences;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// The result of a command: events and a state, or a refusal. Each expectation returns the result, so that calls can be
/// chained.
/// </summary>
/// <typeparam name="TState">The type of the aggregate or of the decider's state.</typeparam>
public sealed class SpecificationResult<TState>
    where TState : notnull
{
    private readonly History _history;
    private readonly IReadOnlyList<object> _events;
    private readonly TState? _state;
    private readonly Exception? _thrown;

    private SpecificationResult(History history, IReadOnlyList<object> events, TState? state, Exception? thrown) =>
        (_history, _events, _state, _thrown) = (history, events, state, thrown);

    /// <summary>Expects exactly these events, in this order. The events are compared in their stored form.</summary>
    /// <exception cref="SpecificationException">The events differ, or the command was refused. The message contains the
    /// differences.</exception>
    public SpecificationResult<TState> Then(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var roundTrip = _history.RoundTrip;
        if (_thrown is not null)
            throw Failed($"Expected {Count(events.Length)}, but {Outcome()}.")
                .With("Expected", roundTrip.Display(events), _thrown);
        var expected = roundTrip.Display(roundTrip.ReadGivenEvents(events, "Expected"));
        if (EventComparison.Between(expected, roundTrip.Display(_events)) is { } difference)
            throw new SpecificationException(
                difference.Write(text => text.Events("Given", roundTrip.Display(_history.Given))));
        return this;
    }

    /// <summary>Expects no events and no refusal.</summary>
    /// <exception cref="SpecificationException">The command raised an event or was refused.</exception>
    public SpecificationResult<TState> ThenNothing() => Then();

    /// <summary>Expects a refusal by an invariant.</summary>
    /// <param name="invariant">The name of the invariant.</param>
    /// <exception cref="SpecificationException">The command was not refused, or was refused by another
    /// invariant.</exception>
    public SpecificationResult<TState> ThenRefused(string invariant)
    {
        ArgumentException.ThrowIfNullOrEmpty(invariant);
        if (_thrown is InvariantViolatedException refusal && refusal.Invariant == invariant)
            return this;
        throw Failed($"Expected a refusal by '{invariant}', but {Outcome()}.")
            .WithRaised(_history.RoundTrip.Display(_events), _thrown);
    }

    /// <summary>Expects an exception and returns it.</summary>
    /// <exception cref="SpecificationException">The command threw no exception or another exception.</exception>
    public TException ThenThrew<TException>()
        where TException : Exception => _thrown as TException
            ?? throw Failed($"Expected {typeof(TException).Name} to be thrown, but {Outcome()}.")
                .WithRaised(_history.RoundTrip.Display(_events), _thrown);

    /// <summary>Expects a state. Use this method for deciders, whose state is a value.</summary>
    /// <exception cref="SpecificationException">The state differs. The message contains the differences.</exception>
    public SpecificationResult<TState> ThenState(TState expected) => ThenState(static state => state, expected);

    /// <summary>Expects a part of the state: <c>ThenState(order => order.Total, total)</c>.</summary>
    /// <param name="part">Reads the part.</param>
    /// <param name="expected">The expected value. It is compared by equality, otherwise in its stored form, and
    /// otherwise by its whole content, including private fields.</param>
    /// <exception cref="SpecificationException">The value differs, or the values cannot be compared. The message
    /// contains the differences.</exception>
    public SpecificationResult<TState> ThenState<TValue>(Func<TState, TValue> part, TValue expected)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (_thrown is not null)
            throw Failed($"Expected a state, but {Outcome()}.").With("Expected", [], _thrown);
        var actual = part(_state!); // The state is null only if an exception was thrown.
        if (EqualityComparer<TValue>.Default.Equals(actual, expected))
            return this;
        var differences = ValueComparison.Between(expected, actual, _history.RoundTrip.Json);
        if (differences.Count == 0)
            return this;
        throw new SpecificationException(Failed("The state is not as expected.")
            .Events("Raised", _history.RoundTrip.Display(_events))
            .Differences("State (- expected, + actual)", differences).ToString());
    }

    internal static SpecificationResult<TState> Of(
        History history, Func<(TState State, IReadOnlyList<object> Raised)> decide)
    {
        try
        {
            var (state, raised) = decide();
            var read = RoundTrip.Read(history.RoundTrip.RecordRaised(raised));
            return new SpecificationResult<TState>(history, read, state, null);
        }
#pragma warning disable CA1031 // The exception is the result of the command; the following expectation checks it.
        catch (Exception exception) when (exception is not SpecificationException)
#pragma warning restore CA1031
        {
            return new SpecificationResult<TState>(history, [], default, exception);
        }
    }

    private string Outcome() => _thrown switch
    {
        null => _events.Count == 0 ? "nothing happened" : $"it raised {Count(_events.Count)}",
        InvariantViolatedException refusal => $"'{refusal.Invariant}' refused: {refusal.Message.TrimEnd('.')}",
        _ => $"{_thrown.GetType().Name} was thrown: {_thrown.Message.TrimEnd('.')}",
    };

    private FailureText Failed(string problem) =>
        new FailureText(problem).Events("Given", _history.RoundTrip.Display(_history.Given));

    private static string Count(int events) => EventComparison.Count(events);
}
