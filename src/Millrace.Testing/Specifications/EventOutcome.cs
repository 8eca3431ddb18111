namespace Millrace.Testing;

/// <summary>What came of handing an event on: it passed, or an error.</summary>
/// <param name="Thrown">The error; null when it passed.</param>
internal sealed record EventOutcome(Exception? Thrown)
{
    public void RequirePassed()
    {
        if (Thrown is not null)
            throw new SpecificationException($"The event fails: {Thrown.GetType().Name}: {Thrown.Message}", Thrown);
    }

    public TException RequireThrown<TException>()
        where TException : Exception => Thrown switch
        {
            TException expected => expected,
            null => throw new SpecificationException($"{typeof(TException).Name} was expected, but the event passes."),
            _ => throw new SpecificationException(
                $"{typeof(TException).Name} was expected, but {Thrown.GetType().Name} was thrown: {Thrown.Message}",
                Thrown),
        };
}
