using Millrace.Storage;

namespace Millrace;

/// <summary>How the consumers of a node behave. Read when they start; later changes have no effect.</summary>
public sealed class ConsumerOptions
{
    private const int MaxPartitions = 64;
    private const int ChecksPerLease = 3; // A look may be late, and the next one fail, before the lease has run out.
    // Who reads has then looked, and put the end off, when half of the time is left.
    private const int ChecksPerRetention = 4;

    private static readonly TimeSpan MinLeaseDuration = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MinKeepRetired = TimeSpan.FromSeconds(1);

    /// <summary>Whether this node runs consumers at all; true by default. One that does not can still read their read
    /// models.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>
    /// How long a node may be silent before another takes over its consumers; from 1 second to 5 minutes, 6 seconds by
    /// default. A node that stops in order hands over at once.
    /// </summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// How often a node looks for free consumers, pauses and resets, and renews its leases; from 10 milliseconds to a
    /// third of <see cref="LeaseDuration"/>, at most 1 minute, 500 milliseconds by default.
    /// </summary>
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The most events a live consumer takes at once; from 1 to 10,000, 1,000 by default.</summary>
    public int BatchEvents { get; set; } = 1_000;

    /// <summary>The most events a consumer that is catching up folds before it commits; from 1 to 10,000,000, 250,000
    /// by default.</summary>
    public int CatchUpEvents { get; set; } = 250_000;

    /// <summary>The most bytes of payload read at once, as far as that can be foreseen; from 64 KiB to 1 GiB, 256 KiB
    /// by default.</summary>
    /// <remarks>
    /// Events that are decoded and folded while they are young cost the garbage collector next to nothing: with 4 MiB a
    /// rebuild spends half of its time in collections, and takes three times as long.
    /// </remarks>
    public long BatchBytes { get; set; } = 256 * 1024;

    /// <summary>
    /// The most documents written in one transaction, so that commands are not held up; from 1 to 100,000, 1,000 by
    /// default. More are written in several, the checkpoint with the last.
    /// </summary>
    public int CommitDocuments { get; set; } = 1_000;

    /// <summary>The most bytes of documents written in one transaction; from 64 KiB to 256 MiB, 4 MiB by
    /// default.</summary>
    public long CommitBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How many documents each projection keeps in memory; from 0 to 10,000,000, 50,000 by default.</summary>
    public int CachedDocuments { get; set; } = 50_000;

    /// <summary>
    /// How many keys a consumer works on at the same time; from 1 to 64, null (default) for as many as there are
    /// processors, at most 4.
    /// </summary>
    public int? Workers { get; set; }

    /// <summary>How often a checkpoint that moves without any effect is written; from 0 to 1 minute, 250 milliseconds
    /// by default.</summary>
    public TimeSpan CheckpointEvery { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How many times a failing event is tried again before it is parked, unless its consumer's
    /// <see cref="FailurePolicy"/> says otherwise; from 0 to 100, 5 by default. After as many retries of what is no
    /// event's fault, the consumer is stalled and goes on trying.
    /// </summary>
    public int Retries { get; set; } = 5;

    /// <summary>
    /// The pause before the first retry, doubled for each further one; from 1 millisecond to 1 minute, 100 milliseconds
    /// by default.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The longest pause between retries, also of a stalled consumer; from 1 millisecond to 1 hour, 15 seconds by
    /// default.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The most events of a consumer that have failed or wait behind one that has; from 1 to 1,000,000, 10,000 by
    /// default. Then it is stalled until somebody decides about them.
    /// </summary>
    public int MaxDeadLetters { get; set; } = 10_000;

    /// <summary>
    /// The most events that wait behind a failed one of their key; from 0 to 1,000,000, 1,000 by default. Then the
    /// consumer is stalled until somebody decides about it.
    /// </summary>
    public int MaxWaitingPerKey { get; set; } = 1_000;

    /// <summary>
    /// After how long without progress, while the log goes on, a consumer is stalled; from 1 second to 1 day, 30
    /// seconds by default.
    /// </summary>
    public TimeSpan StallAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long stopping waits for the batch in hand before it is abandoned; from 0 to 10 minutes, 10 seconds by
    /// default.
    /// </summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a read with a consistency token waits for its read model before it is answered stale; from 0 to 5
    /// minutes, 2 seconds by default.
    /// </summary>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// When a read model takes over that is built because the version of its projection was raised; automatic by
    /// default.
    /// </summary>
    public BuildSwitch SwitchBuilds { get; set; }

    /// <summary>
    /// How long the documents of a version stay that no running node has, beyond those in use and those kept for going
    /// back; from 1 second, and four times <see cref="LookEvery"/>, to 30 days, 1 hour by default. A node of that
    /// version that is away for less finds them again.
    /// </summary>
    public TimeSpan KeepRetired { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Into how many partitions consumers are divided by their keys, so that several nodes work on one at the same
    /// time; from 1 to 64 each, none by default. By the consumer's name, or of a projection that of the read model
    /// (<c>daily-sales</c>) or of one of its versions (<c>daily-sales@2</c>), which comes before. One that is not named
    /// here stays as it is in the store: whole, if nobody ever divided it.
    /// </summary>
    /// <remarks>
    /// Each partition has a lease, a checkpoint and dead letters of its own, and reads the whole log for the events of
    /// its keys. A number is applied when the node starts. Raised to a multiple of what it was, that is done while the
    /// consumer runs; otherwise as soon as all partitions stand at the same position. Nodes with other numbers work on
    /// it as it is divided, whatever they say themselves.
    /// </remarks>
    public IDictionary<string, int> Partitions { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    internal int WorkerCount => Workers ?? Math.Clamp(Environment.ProcessorCount, 1, 4);

    private Dictionary<string, int>? KnownPartitions { get; set; }

    internal ConsumerOptions Copy()
    {
        var copy = (ConsumerOptions)MemberwiseClone();
        copy.KnownPartitions = new Dictionary<string, int>(Partitions, StringComparer.Ordinal);
        return copy;
    }

    /// <summary>Into how many a consumer is to be divided; null when nobody has said so.</summary>
    internal int? PartitionsOf(string consumer)
    {
        var known = KnownPartitions ?? Partitions;
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
                    + $"but is {LookEvery}: a "
                + $"lease would run out before it is renewed. Look more often, or make {nameof(LeaseDuration)} "
                + $"{LookEvery * ChecksPerLease} or longer.");
        }
        if (KeepRetired < LookEvery * ChecksPerRetention
            && KeepRetired >= MinKeepRetired
            && LookEvery <= TimeSpan.FromMinutes(1))
        {
            problems.Add(
                $"{nameof(KeepRetired)}: must be at least four times {nameof(LookEvery)}, which is {LookEvery}, but "
                    + $"is {KeepRetired}: "
                    + $"documents would go that other nodes read. Make it {LookEvery * ChecksPerRetention} or longer, "
                    + $"or look more often."
            );
        }
    }

    private static void Check(List<string> problems, string option, long value, long least, long most)
    {
        if (value < least || value > most)
            problems.Add($"{option}: must be from {least:N0} to {most:N0}, but is {value:N0}.");
    }

    private static void Check(List<string> problems, string option, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            problems.Add($"{option}: must be from {least} to {most}, but is {value}.");
    }
}
