using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Options for the consumers of a node. They are read when the consumers start. Later changes in code have no effect;
/// of changes in the configuration, those of some options take effect while the consumers run.
/// </summary>
public sealed class ConsumerOptions
{
    private const int MaxPartitions = 64;
    private const int ChecksPerLease = 3; // A lease does not expire if one check is late and the next one fails.
    // A node that still reads the documents extends the retention before half of the time has passed.
    private const int ChecksPerRetention = 4;

    private static readonly TimeSpan MinLeaseDuration = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MinKeepRetired = TimeSpan.FromSeconds(1);

    /// <summary>
    /// True if this node runs consumers, which is the default. A node that does not run them can still read their read
    /// models.
    /// </summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>
    /// Gets or sets the time after which other nodes take over the consumers of a node that does not renew its leases;
    /// from 1 second to 5 minutes, 6 seconds by default. A node that stops normally releases its leases immediately.
    /// </summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// Gets or sets the interval at which a node checks for free consumers, pauses and resets, and renews its leases;
    /// from 10 milliseconds to a third of <see cref="LeaseDuration"/>, at most 1 minute, 500 milliseconds by default.
    /// </summary>
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Gets or sets the maximum number of events that a live consumer handles in a batch; from 1 to 10,000, 1,000 by
    /// default.
    /// </summary>
    public int BatchEvents { get; set; } = 1_000;

    /// <summary>
    /// Gets or sets the maximum number of events that a consumer folds before it commits while it catches up; from 1 to
    /// 10,000,000, 250,000 by default.
    /// </summary>
    public int CatchUpEvents { get; set; } = 250_000;

    /// <summary>
    /// Gets or sets the approximate maximum number of payload bytes that a consumer reads at a time; from 64 KiB to 1
    /// GiB, 256 KiB by default.
    /// </summary>
    /// <remarks>
    /// With larger batches, the garbage collector must copy events. With 4 MiB, a rebuild takes three times as long.
    /// </remarks>
    public long BatchBytes { get; set; } = 256 * 1024;

    /// <summary>
    /// Gets or sets the maximum number of documents written in one transaction, so that commands are not delayed; from
    /// 1 to 100,000, 1,000 by default. More documents are written in several transactions. The last one also writes the
    /// checkpoint.
    /// </summary>
    public int CommitDocuments { get; set; } = 1_000;

    /// <summary>
    /// Gets or sets the maximum number of document bytes written in one transaction; from 64 KiB to 256 MiB, 4 MiB by
    /// default.
    /// </summary>
    public long CommitBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Gets or sets the number of documents that each projection keeps in memory; from 0 to 10,000,000, 50,000 by
    /// default.
    /// </summary>
    public int CachedDocuments { get; set; } = 50_000;

    /// <summary>
    /// Gets or sets the number of keys that a consumer handles in parallel; from 1 to 64. Null (default) means the
    /// number of processors, at most 4.
    /// </summary>
    public int? Workers { get; set; }

    /// <summary>
    /// Gets or sets the requirements from which consumers of the application, publishers and receivers choose the size
    /// of their batches and the number of their workers while they run. Null (default) means the fixed
    /// <see cref="BatchEvents"/> and <see cref="Workers"/>.
    /// </summary>
    public LoadOptions? Load { get; set; }

    /// <summary>
    /// Gets or sets the interval at which a consumer stores its checkpoint while its events change nothing; from 0 to 1
    /// minute, 250 milliseconds by default.
    /// </summary>
    public TimeSpan CheckpointEvery { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Gets or sets the number of retries of a failing event before it is parked, unless the consumer's
    /// <see cref="FailurePolicy"/> specifies another number; from 0 to 100, 5 by default. After this number of retries
    /// of a failure that no event caused, the consumer is stalled and continues to retry.
    /// </summary>
    public int Retries { get; set; } = 5;

    /// <summary>
    /// Gets or sets the delay before the first retry, doubled for each further one; from 1 millisecond to 1 minute, 100
    /// milliseconds by default.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Gets or sets the maximum delay between retries, also of a stalled consumer; from 1 millisecond to 1 hour, 15
    /// seconds by default.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gets or sets the maximum number of a consumer's events that have failed or wait for a failed event; from 1 to
    /// 1,000,000, 10,000 by default. At the limit, the consumer is stalled until an operator decides about them.
    /// </summary>
    public int MaxDeadLetters { get; set; } = 10_000;

    /// <summary>
    /// Gets or sets the maximum number of events that wait for a failed event of their key; from 0 to 1,000,000, 1,000
    /// by default. At the limit, the consumer is stalled until an operator decides about the failed event.
    /// </summary>
    public int MaxWaitingPerKey { get; set; } = 1_000;

    /// <summary>
    /// Gets or sets the time without progress, while the log has newer events, after which a consumer is stalled; from
    /// 1 second to 1 day, 30 seconds by default.
    /// </summary>
    public TimeSpan StallAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the time for which a stopping node waits for the current batch before it abandons the batch; from 0
    /// to 10 minutes, 10 seconds by default.
    /// </summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets the time that a read with a consistency token waits for its read model before it returns a stale
    /// result; from 0 to 5 minutes, 2 seconds by default.
    /// </summary>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets when a rebuilt read model replaces the old one, after the version of its projection was increased;
    /// automatic by default.
    /// </summary>
    public BuildSwitch SwitchBuilds { get; set; }

    /// <summary>
    /// Gets or sets the time for which documents of a version are kept after the last node of this version has stopped.
    /// Documents in use, or kept for a rollback, remain. A node of this version that starts within this time finds the
    /// documents again. From 1 second, and four times <see cref="LookEvery"/>, to 30 days; 1 hour by default.
    /// </summary>
    public TimeSpan KeepRetired { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets the number of partitions into which consumers are divided by their keys, so that several nodes share one
    /// consumer; from 1 to 64 each, none by default. The key is the name of the consumer. For a projection, the key is
    /// the name of the read model (<c>daily-sales</c>) or of one of its versions (<c>daily-sales@2</c>), which takes
    /// precedence. A consumer that is not listed keeps its number of partitions: one, if it was never divided.
    /// </summary>
    /// <remarks>
    /// Each partition has its own lease, checkpoint and dead letters, and reads the whole log for the events of its
    /// keys. A number is applied when the node starts. A multiple of the current number is applied while the consumer
    /// runs. Any other number is applied when all partitions have reached the same position. Nodes with other numbers
    /// in their options use the stored partitions.
    /// </remarks>
    public IDictionary<string, int> Partitions { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    internal int WorkerCount => Workers ?? Math.Clamp(Environment.ProcessorCount, 1, 4);

    private Dictionary<string, int>? CopiedPartitions { get; set; }

    /// <summary>
    /// Gets whether all consumer hosts of the application use this instance, which a reload of the configuration
    /// changes.
    /// </summary>
    internal bool IsShared { get; private set; }

    /// <summary>Returns a copy that all consumer hosts of the application use.</summary>
    internal ConsumerOptions Share()
    {
        var shared = Copy();
        shared.IsShared = true;
        return shared;
    }

    /// <summary>Takes over the options that can change while consumers run.</summary>
    internal void Take(ConsumerOptions changed)
    {
        (BatchEvents, BatchBytes, CatchUpEvents) = (changed.BatchEvents, changed.BatchBytes, changed.CatchUpEvents);
        (CommitDocuments, CommitBytes) = (changed.CommitDocuments, changed.CommitBytes);
        (Workers, CheckpointEvery) = (changed.Workers, changed.CheckpointEvery);
        (Retries, RetryDelay, MaxRetryDelay) = (changed.Retries, changed.RetryDelay, changed.MaxRetryDelay);
        (StallAfter, StopTimeout, ReadTimeout) = (changed.StallAfter, changed.StopTimeout, changed.ReadTimeout);
        if (changed.Load is { } load)
            Load?.Take(load);
    }

    internal ConsumerOptions Copy()
    {
        var copy = (ConsumerOptions)MemberwiseClone();
        copy.IsShared = false;
        copy.Load = Load?.Copy();
        copy.CopiedPartitions = new Dictionary<string, int>(Partitions, StringComparer.Ordinal);
        return copy;
    }

    /// <summary>
    /// Returns the number of partitions that the options specify for a consumer; null when they specify none.
    /// </summary>
    internal int? PartitionsOf(string consumer)
    {
        var known = CopiedPartitions ?? Partitions;
        return known.TryGetValue(consumer, out var own) ? own
            : known.TryGetValue(CollectionName.FirstOf(consumer), out var ofVersion) ? ofVersion
            : known.TryGetValue(CollectionName.NameOf(consumer), out var ofModel) ? ofModel
            : null;
    }

    internal IEnumerable<string> Problems()
    {
        var problems = new List<string>();
        Check(problems, nameof(LeaseDuration), LeaseDuration, MinLeaseDuration, TimeSpan.FromMinutes(5));
        Check(problems, nameof(LookEvery), LookEvery, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Check(problems, nameof(BatchEvents), BatchEvents, 1, 10_000);
        Check(problems, nameof(CatchUpEvents), CatchUpEvents, 1, 10_000_000);
        Check(problems, nameof(BatchBytes), BatchBytes, 64 * 1024, 1024 * 1024 * 1024);
        Check(problems, nameof(CommitDocuments), CommitDocuments, 1, 100_000);
        Check(problems, nameof(CommitBytes), CommitBytes, 64 * 1024, 256 * 1024 * 1024);
        Check(problems, nameof(CachedDocuments), CachedDocuments, 0, 10_000_000);
        Check(problems, nameof(Workers), WorkerCount, 1, 64);
        Check(problems, nameof(CheckpointEvery), CheckpointEvery, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Check(problems, nameof(Retries), Retries, 0, 100);
        Check(problems, nameof(RetryDelay), RetryDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        Check(problems, nameof(MaxRetryDelay), MaxRetryDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        Check(problems, nameof(MaxDeadLetters), MaxDeadLetters, 1, 1_000_000);
        Check(problems, nameof(MaxWaitingPerKey), MaxWaitingPerKey, 0, 1_000_000);
        Check(problems, nameof(StallAfter), StallAfter, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Check(problems, nameof(StopTimeout), StopTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Check(problems, nameof(ReadTimeout), ReadTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        foreach (var (consumer, partitions) in Partitions)
            Check(problems, $"{nameof(Partitions)}:{consumer}", partitions, 1, MaxPartitions);
        Check(problems, nameof(KeepRetired), KeepRetired, MinKeepRetired, TimeSpan.FromDays(30));
        problems.AddRange((Load?.Problems() ?? []).Select(static problem => $"{nameof(Load)}:{problem}"));
        AddTooRareChecks(problems);
        return problems;
    }

    private void AddTooRareChecks(List<string> problems)
    {
        if (LookEvery > LeaseDuration / ChecksPerLease
            && LookEvery <= TimeSpan.FromMinutes(1)
            && LeaseDuration >= MinLeaseDuration)
        {
            problems.Add(
                $"{nameof(LookEvery)}: must be at most a third of {nameof(LeaseDuration)}, which is {LeaseDuration}, "
                    + $"but is {LookEvery}: a lease would expire before it is renewed. Set a shorter interval, or set "
                    + $"{nameof(LeaseDuration)} to {LookEvery * ChecksPerLease} or longer.");
        }
        if (KeepRetired < LookEvery * ChecksPerRetention
            && KeepRetired >= MinKeepRetired
            && LookEvery <= TimeSpan.FromMinutes(1))
        {
            problems.Add(
                $"{nameof(KeepRetired)}: must be at least four times {nameof(LookEvery)}, which is {LookEvery}, but "
                    + $"is {KeepRetired}: documents would be removed that other nodes read. Set it to "
                    + $"{LookEvery * ChecksPerRetention} or longer, or set a shorter {nameof(LookEvery)}."
            );
        }
    }

    private static void Check(List<string> problems, string option, long value, long min, long max)
    {
        if (value < min || value > max)
            problems.Add($"{option}: must be from {min:N0} to {max:N0}, but is {value:N0}.");
    }

    private static void Check(List<string> problems, string option, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
            problems.Add($"{option}: must be from {min} to {max}, but is {value}.");
    }
}
