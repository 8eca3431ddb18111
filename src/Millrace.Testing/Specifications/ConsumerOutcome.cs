namespace Millrace.Testing;

/// <summary>What a consumer's handler made of an event: it passed, or an error.</summary>
public sealed class ConsumerOutcome
{
    private readonly Exception? _thrown;

    internal ConsumerOutcome(Exception? thrown) => _thrown = thrown;

    /// <summary>Expects that the event was handled without an error.</summary>
    /// <exception cref="SpecificationException">It was not; says why, and holds the error.</exception>
    public void ThenPasses()
    {
        if (_thrown is not null)
            throw new SpecificationException($"The event fails: {_thrown.GetType().Name}: {_thrown.Message}", _thrown);
    }

    /// <summary>Expects an error, and returns it.</summary>
    /// <exception cref="SpecificationException">Nothing was thrown, or something else.</exception>
    public TException ThenThrew<TException>()
        where TException : Exception => _thrown switch
    {
        TException expected => expected,
        null => throw new SpecificationException($"{typeof(TException).Name} was expected, but the event passes."),
        _ => throw new SpecificationException(
            $"{typeof(TException).Name} was expected, but {_thrown.GetType().Name} was thrown: {_thrown.Message}", _thrown),
    };
}
