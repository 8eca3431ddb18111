namespace Millrace.Hosting.Configuration;

/// <summary>The consumer options of all consumer hosts of the application, which a reload changes.</summary>
internal sealed class LiveConsumerOptions(ConsumerOptions options)
{
    private const string Section = ConsumerSettings.Section + ":";

    // Projections apply the number of workers when they start.
    private static readonly HashSet<string> Reloadable = new(StringComparer.OrdinalIgnoreCase)
    {
        Section + nameof(ConsumerOptions.BatchEvents), Section + nameof(ConsumerOptions.BatchBytes),
        Section + nameof(ConsumerOptions.CatchUpEvents), Section + nameof(ConsumerOptions.CommitDocuments),
        Section + nameof(ConsumerOptions.CommitBytes), Section + nameof(ConsumerOptions.Workers),
        Section + nameof(ConsumerOptions.CheckpointEvery), Section + nameof(ConsumerOptions.Retries),
        Section + nameof(ConsumerOptions.RetryDelay), Section + nameof(ConsumerOptions.MaxRetryDelay),
        Section + nameof(ConsumerOptions.StallAfter), Section + nameof(ConsumerOptions.StopTimeout),
        Section + nameof(ConsumerOptions.ReadTimeout),
    };

    private volatile bool _isLoadRemoved;

    public ConsumerOptions Value { get; } = options.Share();

    /// <summary>Takes over the options that can change while consumers run.</summary>
    public void Take(ConsumerOptions changed)
    {
        Value.Take(changed);
        _isLoadRemoved = changed.Load is null;
    }

    /// <summary>
    /// Returns whether a change of a setting takes effect. Consumers without requirements do not start to adapt, and
    /// consumers whose requirements were removed do not stop.
    /// </summary>
    public bool IsReloadable(string key) =>
        Reloadable.Contains(key)
        || (Value.Load is not null
            && !_isLoadRemoved
            && key.StartsWith($"{Section}{nameof(ConsumerOptions.Load)}:", StringComparison.OrdinalIgnoreCase));
}
