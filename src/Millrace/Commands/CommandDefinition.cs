using System.Text.Json.Serialization.Metadata;

namespace Millrace;

/// <summary>Handles a command within a context that loads and saves aggregates.</summary>
public delegate ValueTask<TResult> CommandHandler<in TCommand, TResult>(
    TCommand command, CommandContext context, CancellationToken cancellationToken);

/// <summary>A command as the runtime needs to know it.</summary>
public abstract class CommandDefinition
{
    private protected CommandDefinition(string name, Type command, Type result)
        => (Name, CommandType, ResultType) = (name, command, result);

    /// <summary>Its stable name, such as <c>place-order</c>.</summary>
    public string Name { get; }

    /// <summary>The CLR type of the command.</summary>
    public Type CommandType { get; }

    /// <summary>The CLR type of the answer.</summary>
    public Type ResultType { get; }

    /// <summary>
    /// Gets the types that <see cref="CommandType"/> lists with <c>[JsonDerivedType]</c>: its handler handles them as
    /// well, where they have none of their own.
    /// </summary>
    public IReadOnlyList<Type> DerivedTypes { get; init; } = [];

    /// <summary>How often and how fast it is tried again after a conflict; as <see cref="CommandOptions.Retry"/> says
    /// when null.</summary>
    public ConflictRetry? Retry { get; init; }

    internal abstract JsonTypeInfo? AnswerJson { get; }

    /// <summary>Sends a command that is only known as an object, as edges and tools do; the answer's value is
    /// boxed.</summary>
    /// <exception cref="InvalidCastException">The object is not such a command.</exception>
    public abstract ValueTask<CommandResult<object?>> Send(
        ICommandBus bus, object command, SendOptions? options, CancellationToken cancellationToken);

    /// <summary>What its own validation says of a command; nothing where it has none.</summary>
    internal abstract IReadOnlyList<ValidationProblem> ProblemsOf(object command);

    internal abstract CommandRoute CreateRoute(CommandRuntime runtime);
}

/// <summary>A command as the runtime needs to know it.</summary>
public sealed class CommandDefinition<TCommand, TResult> : CommandDefinition
    where TCommand : ICommand<TResult>
{
    /// <summary>A command that loads aggregates, appends, or needs services.</summary>
    public CommandDefinition(string name, CommandHandler<TCommand, TResult> handler)
        : base(name, typeof(TCommand), typeof(TResult)) => Handler = handler;

    /// <summary>A command whose handler needs nothing but the command: dispatched directly.</summary>
    public CommandDefinition(string name, Func<TCommand, TResult> plain)
        : base(name, typeof(TCommand), typeof(TResult)) => Plain = plain;

    /// <summary>Names what is wrong with a command before anything is loaded; null when nothing can be.</summary>
    public Action<TCommand, ValidationProblems>? Validate { get; init; }

    /// <summary>JSON metadata of the answer, by which it is kept for a repeated idempotency key; null when it cannot be
    /// kept.</summary>
    public JsonTypeInfo<TResult>? ResultJson { get; init; }

    internal CommandHandler<TCommand, TResult>? Handler { get; }

    internal Func<TCommand, TResult>? Plain { get; }

    internal override JsonTypeInfo? AnswerJson => ResultJson;

    /// <inheritdoc/>
    public override async ValueTask<CommandResult<object?>> Send(
        ICommandBus bus, object command, SendOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bus);
        var result = await bus.Send((TCommand)command, options, cancellationToken).ConfigureAwait(false);
        return new CommandResult<object?>(result.Value, result.Version, result.Token, result.WasRepeated);
    }

    internal override IReadOnlyList<ValidationProblem> ProblemsOf(object command) => ProblemsOf((TCommand)command);

    internal IReadOnlyList<ValidationProblem> ProblemsOf(TCommand command)
    {
        if (Validate is null)
            return [];
        var problems = new ValidationProblems();
        Validate(command, problems);
        return problems.All;
    }

    internal override CommandRoute CreateRoute(CommandRuntime runtime) =>
        new CommandRoute<TResult>(new CommandDispatch<TCommand, TResult>(this, runtime));
}

/// <summary>No handler is registered for a command or query.</summary>
public sealed class HandlerNotFoundException(Type message)
    : MillraceException(
        $"No handler is registered for {message.Name}. "
        + $"Write a static method 'Handle({message.Name} …)' in an assembly with a [Model], and add that model.")
{
    /// <summary>The type of the command or query.</summary>
    public Type MessageType { get; } = message;
}
