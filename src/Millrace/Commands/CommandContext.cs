namespace Millrace;

/// <summary>
/// What a command's handler works with: it loads aggregates, whose events are appended together when the handler returns.
/// </summary>
public sealed class CommandContext
{
    internal CommandContext(IServiceProvider services) => Services = services;

    /// <summary>The services of the scope that the command is sent in.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Loads an aggregate that must exist.</summary>
    /// <exception cref="AggregateNotFoundException">It does not.</exception>
    public ValueTask<TAggregate> Load<TAggregate, TId>(TId id, CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull => throw new NotSupportedException();
}
