using System.Text.Json.Serialization.Metadata;
using Millrace.Commands;

namespace Millrace;

/// <summary>Handles a command with a context that loads and saves aggregates.</summary>
public delegate ValueTask<TResult> CommandHandler<in TCommand, TResult>(
    TCommand command, CommandContext context, CancellationToken cancellationToken);

/// <summary>The definition of a command.</summary>
public abstract class CommandDefinition
{
    private protected CommandDefinition(string name, Type command, Type result)
    {
        Name = name;
        CommandType = command;
        ResultType = result;
    }

    /// <summary>Gets the stable name, such as <c>place-order</c>.</summary>
    public string Name { get; }

    /// <summary>Gets the CLR type of the command.</summary>
    public Type CommandType { get; }

    /// <summary>Gets the CLR type of the answer.</summary>
    public Type ResultType { get; }

    /// <summary>
    /// Gets the types that <see cref="CommandType"/> lists with <c>[JsonDerivedType]</c>. The handler also handles
    /// these types, except types with a separate handler.
    /// </summary>
    public IReadOnlyList<Type> DerivedTypes { get; init; } = [];

    /// <summary>Gets the retry policy after a conflict; null to use <see cref="CommandOptions.Retry"/>.</summary>
    public ConflictRetry? Retry { get; init; }

    internal abstract JsonTypeInfo? AnswerJson { get; }

    /// <summary>
    /// Returns the stream of the only aggregate or decider that the handler declares; null if there is none or there
    /// are several, or if JSON does not contain all data of the command and the answer. Adapters that handle a command
    /// where its aggregate is in memory use this stream. The handler can load further streams through its context.
    /// </summary>
    /// <exception cref="InvalidCastException">The object is not a command of this type.</exception>
    public abstract StreamId? TargetOf(object command);

    /// <summary>
    /// Sends a command whose type is only known at run time. Endpoints and tools use this method. The value of the
    /// answer is boxed.
    /// </summary>
    /// <exception cref="InvalidCastException">The object is not a command of this type.</exception>
    public abstract ValueTask<CommandResult<object?>> Send(
        ICommandBus bus, object command, SendOptions? options, CancellationToken cancellationToken);

    /// <summary>Returns the validation problems of a command; empty if the command has no validation.</summary>
    internal abstract IReadOnlyList<ValidationProblem> ProblemsOf(object command);

    /// <summary>Creates the pipeline that handles the command in one store.</summary>
    internal abstract CommandPipeline CreatePipeline(CommandDispatcher dispatcher);
}

/// <summary>The definition of a command.</summary>
public sealed class CommandDefinition<TCommand, TResult> : CommandDefinition
    where TCommand : ICommand<TResult>
{
    /// <summary>
    /// Creates the definition of a command whose handler loads aggregates, appends events, or needs services.
    /// </summary>
    public CommandDefinition(string name, CommandHandler<TCommand, TResult> handler)
        : base(name, typeof(TCommand), typeof(TResult)) => Handler = handler;

    /// <summary>
    /// Creates the definition of a command whose handler needs only the command. The bus calls such a handler directly.
    /// </summary>
    public CommandDefinition(string name, Func<TCommand, TResult> plain)
        : base(name, typeof(TCommand), typeof(TResult)) => Plain = plain;

    /// <summary>
    /// Gets the validation, which runs before the handler and before any aggregate is loaded; null if the command has
    /// no validation.
    /// </summary>
    public Action<TCommand, ValidationProblems>? Validate { get; init; }

    /// <summary>
    /// Gets the JSON metadata with which the answer is stored for repetitions of an idempotency key; null if the answer
    /// cannot be stored.
    /// </summary>
    public JsonTypeInfo<TResult>? ResultJson { get; init; }

    /// <summary>
    /// Gets the function that returns the stream of the handler's only aggregate or decider; null if there is no such
    /// stream. Another node may then handle the command, so set it only if JSON contains all data of the command and
    /// the answer.
    /// </summary>
    public Func<TCommand, StreamId>? Target { get; init; }

    internal CommandHandler<TCommand, TResult>? Handler { get; }

    internal Func<TCommand, TResult>? Plain { get; }

    internal override JsonTypeInfo? AnswerJson => ResultJson;

    /// <inheritdoc/>
    public override StreamId? TargetOf(object command) => Target?.Invoke((TCommand)command);

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

    internal override CommandPipeline CreatePipeline(CommandDispatcher dispatcher) =>
        new CommandPipeline<TCommand, TResult>(this, dispatcher);
}

/// <summary>Thrown when no handler is registered for a command or query.</summary>
public sealed class HandlerNotFoundException(Type message)
    : MillraceException(
        $"No handler is registered for {message.Name}. "
        + $"Write a static method 'Handle({message.Name} …)' in an assembly with a [Model], and add that model.")
{
    /// <summary>Gets the type of the command or query.</summary>
    public Type MessageType { get; } = message;
}
