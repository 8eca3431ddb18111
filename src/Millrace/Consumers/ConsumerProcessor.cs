namespace Millrace;

/// <summary>
/// What a kind of consumer does with its events: a projection, an application's own handler, a projection into SQL
/// tables.
/// </summary>
/// <remarks>
/// Called by one consumer, never by two threads at once. What it collects is committed together with the checkpoint;
/// when that fails, or the lease is lost, <see cref="Start"/> is called again and everything not committed is
/// forgotten.
/// </remarks>
internal abstract class ConsumerProcessor
{
    /// <summary>The consumer's name.</summary>
    public abstract string Name { get; }

    /// <summary>The events it asks for.</summary>
    public abstract EventFilter Filter { get; }

    /// <summary>Whether a consumer that has never run begins at the end of the log.</summary>
    public virtual bool BeginsAtEnd => false;

    /// <summary>Whether the keys of its events can be divided among several that do the same.</summary>
    public virtual bool CanBeDivided => false;

    /// <summary>
    /// Whether its effects are committed with the checkpoint; otherwise they have happened when <see cref="Handle"/>
    /// returns.
    /// </summary>
    public abstract bool HasEffects { get; }

    /// <summary>Whether there is something to commit although no event was handled, such as clearing tables at the
    /// beginning.</summary>
    public virtual bool HasPending => false;

    /// <summary>The most events to be handled at once.</summary>
    public virtual int MaxEvents => 10_000;

    /// <summary>The most bytes of a page that is read for it; null for what the options say.</summary>
    public virtual long? MaxBytes => null;

    /// <summary>True when enough has been collected to be committed.</summary>
    public virtual bool IsFull => false;

    /// <summary>Makes what it writes to, if it is not there. Called on every node at its start, and may be called
    /// again.</summary>
    public virtual ValueTask Prepare(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Begins behind a checkpoint, with nothing in hand.</summary>
    public virtual ValueTask Start(long checkpoint, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>When it next has something to do without an event; null while only an event gives it
    /// something.</summary>
    public virtual DateTimeOffset? NextDue => null;

    /// <summary>Whether it works on something that it has begun, and tells when that is done.</summary>
    public virtual bool IsBusy => false;

    /// <summary>
    /// Begins what is due, without waiting for its end. What it does is not committed with the checkpoint: it must be
    /// refused by itself where another node was faster.
    /// </summary>
    /// <param name="wake">To be called when something that was begun is done.</param>
    /// <param name="cancellationToken">Cancelled when the lease is lost.</param>
    /// <returns>Whether anything was looked at.</returns>
    public virtual ValueTask<bool> StartDue(Action wake, CancellationToken cancellationToken) => new(false);

    /// <summary>Waits for what it has begun: the work under a lease ends.</summary>
    public virtual ValueTask End() => ValueTask.CompletedTask;

    /// <summary>What is done about its errors; null for the default.</summary>
    public virtual FailurePolicy? Policy => null;

    /// <summary>
    /// The names of consumers that did the same work before, whose letters were decided about for good: it decides the
    /// same.
    /// </summary>
    public virtual IReadOnlyList<string> Predecessors => [];

    /// <summary>Whether its documents equal their streams, so that no event of them can be passed over or taken for
    /// another.</summary>
    public virtual bool EqualsStreams => false;

    /// <summary>Whether it only computes: the same event fails again in the same way.</summary>
    public abstract bool IsPure { get; }

    /// <summary>
    /// Handles events in order and collects their effects. Tells the lines of the events that fail, and of those that
    /// have to wait, and goes on with the others.
    /// </summary>
    /// <exception cref="EventFailedException">Names the first event that cannot be taken out of the batch.</exception>
    public abstract ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys lines, CancellationToken cancellationToken);

    /// <summary>Handles an event once more that had failed or waited, and collects its effects.</summary>
    public abstract ValueTask HandleAgain(RetriedEvent again, CancellationToken cancellationToken);

    /// <summary>The keys of an event, within which order is kept; one empty key when they cannot be known.</summary>
    public abstract IReadOnlyList<string> KeysOf(RecordedEvent recorded);

    /// <summary>The same work anew, for the keys of one partition. Only of what can be divided.</summary>
    public virtual ConsumerProcessor CreateShare(PartitionKeys share) =>
        share.IsWhole ? this : throw new NotSupportedException($"The work of '{Name}' cannot be divided.");

    /// <summary>What was collected, in parts that are each committed at once, in order; the checkpoint moves with the
    /// last.</summary>
    public virtual ValueTask<IReadOnlyList<ConsumerEffects>> Collect() => new([]);

    /// <summary>What was collected is committed.</summary>
    public virtual void Committed()
    {
    }
}
