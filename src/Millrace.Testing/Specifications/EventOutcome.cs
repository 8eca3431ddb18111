namespace Millrace.Testing.Specifications;

/// <summary>The result of handling an event: success or an exception.</summary>
/// <param name="Thrown">The exception; null on success.</param>
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
            null => throw new SpecificationException(
                $"{typeof(TException).Name} was expected, but the event was handled."),
            _ => throw new SpecificationException(
                $"{typeof(TException).Name} was expected, but {Thrown.GetType().Name} was thrown: {Thrown.Message}",
                Thrown),
        };
}
