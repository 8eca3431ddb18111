using System.Text.Json;

namespace Millrace;

/// <summary>The state that all commands of a store share.</summary>
internal sealed class CommandRuntime(
    AggregateRepository repository,
    CommandOptions options,
    JsonSerializerOptions json,
    bool hasAuthorizers,
    CommandMetrics metrics)
{
    public AggregateRepository Repository { get; } = repository;

    public EventStore Store => Repository.Store;

    public TimeProvider Time => Store.Time;

    /// <summary>Gets the JSON options for commands and answers.</summary>
    public JsonSerializerOptions Json { get; } = json;

    public CommandMetrics Metrics { get; } = metrics;

    public bool HasAuthorizers { get; } = hasAuthorizers;

    public ConflictRetry Retry { get; } = options.Retry;

    public TimeSpan IdempotencyWindow { get; } = options.IdempotencyWindow;

    /// <summary>Creates an id; ids are ordered by time.</summary>
    public Guid NewId() => Guid.CreateVersion7(Time.GetUtcNow());
}
