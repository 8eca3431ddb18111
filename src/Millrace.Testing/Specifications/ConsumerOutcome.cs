using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>The result of a consumer's handler for an event: success or an exception.</summary>
public sealed class ConsumerOutcome
{
    private readonly EventOutcome _outcome;

    internal ConsumerOutcome(Exception? thrown) => _outcome = new EventOutcome(thrown);

    /// <summary>Expects that the handler handles the event without an error.</summary>
    /// <exception cref="SpecificationException">The handler failed. The message and the inner exception contain the
    /// reason.</exception>
    public void ThenPasses() => _outcome.RequirePassed();

    /// <summary>Expects an exception and returns it.</summary>
    /// <exception cref="SpecificationException">The handler threw no exception or another exception.</exception>
    public TException ThenThrew<TException>()
        where TException : Exception => _outcome.RequireThrown<TException>();
}
