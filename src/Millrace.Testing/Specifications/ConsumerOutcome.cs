namespace Millrace.Testing;

/// <summary>What a consumer's handler made of an event: it passed, or an error.</summary>
public sealed class ConsumerOutcome
{
    private readonly EventOutcome _outcome;

    internal ConsumerOutcome(Exception? thrown) => _outcome = new EventOutcome(thrown);

    /// <summary>Expects that the event was handled without an error.</summary>
    /// <exception cref="SpecificationException">It was not; says why, and holds the error.</exception>
    public void ThenPasses() => _outcome.RequirePassed();

    /// <summary>Expects an error, and returns it.</summary>
    /// <exception cref="SpecificationException">Nothing was thrown, or something else.</exception>
    public TException ThenThrew<TException>()
        where TException : Exception => _outcome.RequireThrown<TException>();
}
