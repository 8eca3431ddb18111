using System.Text.Json;

namespace Millrace;

/// <summary>What all commands of a store share.</summary>
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

    /// <summary>How commands and answers are written.</summary>
    public JsonSerializerOptions Json { get; } = json;

    public CommandMetrics Metrics { get; } = metrics;

    public bool HasAuthorizers { get; } = hasAuthorizers;

    public ConflictRetry Retry { get; } = options.Retry;

    public TimeSpan IdempotencyWindow { get; } = options.IdempotencyWindow;

    /// <summary>A new id, in the order of time.</summary>
    public Guid NewId() => Guid.CreateVersion7(Time.GetUtcNow());
}
