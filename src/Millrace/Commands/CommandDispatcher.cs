using System.Text.Json;
using Millrace.Auditing;

namespace Millrace.Commands;

/// <summary>Finds the pipeline of a command, and contains the state that all commands of a store share.</summary>
internal sealed class CommandDispatcher
{
    private readonly TypeTable<CommandPipeline> _pipelines;

    public CommandDispatcher(
        IEnumerable<CommandDefinition> commands,
        AggregateRepository repository,
        CommandOptions options,
        JsonSerializerOptions json,
        bool hasAuthorizers,
        CommandMetrics metrics,
        CommandAudit? audit = null)
    {
        Audit = audit;
        Repository = repository;
        Json = json;
        HasAuthorizers = hasAuthorizers;
        Metrics = metrics;
        Retry = options.Retry;
        IdempotencyWindow = options.IdempotencyWindow;
        _pipelines = new(
            MessageTypeLookup.Of(
                commands,
                command => command.CommandType,
                command => command.DerivedTypes,
                command => command.CreatePipeline(this)));
    }

    public AggregateRepository Repository { get; }

    public EventStore Store => Repository.Store;

    public TimeProvider Time => Store.Time;

    /// <summary>Gets the JSON options for commands and answers.</summary>
    public JsonSerializerOptions Json { get; }

    public CommandMetrics Metrics { get; }

    /// <summary>Gets the recorder of the audit trail; null if the application has none.</summary>
    public CommandAudit? Audit { get; }

    public CommandUsers Users { get; init; } = CommandUsers.Default;

    public bool HasAuthorizers { get; }

    public ConflictRetry Retry { get; }

    public TimeSpan IdempotencyWindow { get; }

    /// <summary>Creates a new id. Ids are ordered by time.</summary>
    public Guid NewId() => Guid.CreateVersion7(Time.GetUtcNow());

    /// <summary>Returns the pipeline for a type of command.</summary>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the command.</exception>
    public CommandPipeline<TResult> Find<TResult>(Type command) =>
        _pipelines.Find(command) is CommandPipeline<TResult> pipeline ? pipeline : NotFound<TResult>(command);

    private static CommandPipeline<TResult> NotFound<TResult>(Type command) =>
        throw new HandlerNotFoundException(command);
}
