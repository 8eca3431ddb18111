namespace Millrace.Testing;

/// <summary>The result of a consumer's handler for an event: success or an exception.</summary>
public sealed class ConsumerOutcome
{
    private readonly EventOutcome _outcome;

    internal ConsumerOutcome(Exception? thrown) => _outcome = new EventOutcome(thrown);

    /// <summary>Expects that the event was handled without an error.</summary>
    /// <exception cref="SpecificationException">The event was not handled. The message and the inner exception contain
    /// the reason.</exception>
    public void ThenPasses() => _outcome.RequirePassed();

    /// <summary>Expects an exception, and returns it.</summary>
    /// <exception cref="SpecificationException">No exception or another one was thrown.</exception>
    public TException ThenThrew<TException>()
        where TException : Exception => _outcome.RequireThrown<TException>();
}
