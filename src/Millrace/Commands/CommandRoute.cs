namespace Millrace;

/// <summary>The way of one type of command to its handler.</summary>
internal abstract class CommandRoute(Type resultType)
{
    /// <summary>The CLR type of its answer.</summary>
    public Type ResultType { get; } = resultType;
}

/// <summary>The way of one type of command to its handler, by the type of its answer.</summary>
internal abstract class CommandRoute<TResult>() : CommandRoute(typeof(TResult))
{
    public abstract ValueTask<CommandResult<TResult>> Send(
        ICommand<TResult> command, IServiceProvider services, SendOptions? options, CancellationToken cancellationToken);
}
