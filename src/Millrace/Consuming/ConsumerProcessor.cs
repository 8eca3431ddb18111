using Millrace.Consuming.Partitions;
using Millrace.Consuming.Retries;

namespace Millrace.Consuming;

/// <summary>
/// Handles the events of one kind of consumer: a projection, a handler of the application, or a projection into SQL
/// tables.
/// </summary>
/// <remarks>
/// Only one consumer calls the processor, and never from two threads at the same time. If the processor has effects,
/// they are committed together with the checkpoint. When the commit fails or the lease is lost, <see cref="Start"/> is
/// called again and everything uncommitted is dropped.
/// </remarks>
internal abstract class ConsumerProcessor
{
    private volatile LoadTrial? _trial;
    private bool _wasTried;

    /// <summary>Gets the consumer's name.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the filter for the consumer's events.</summary>
    public abstract EventFilter Filter { get; }

    /// <summary>Gets whether a consumer that has never run starts at the end of the log.</summary>
    public virtual bool BeginsAtEnd => false;

    /// <summary>Gets whether the keys of the events can be divided into partitions.</summary>
    public virtual bool CanBeDivided => false;

    /// <summary>
    /// Gets whether the processor's effects are committed with the checkpoint. If not, the effects have happened when
    /// <see cref="Handle"/> returns.
    /// </summary>
    public abstract bool HasEffects { get; }

    /// <summary>
    /// Gets whether there are effects to commit although no event was handled, such as clearing tables at the start.
    /// </summary>
    public virtual bool HasPending => false;

    /// <summary>Gets the maximum number of events in a batch.</summary>
    public virtual int MaxEvents => 10_000;

    /// <summary>
    /// Gets whether the size of batches and the number of workers can be adapted to the load.
    /// </summary>
    public virtual bool CanAdapt => false;

    /// <summary>Gets whether several workers handle the events of a batch.</summary>
    public virtual bool HasWorkers => false;

    /// <summary>Gets the number of workers outside a trial.</summary>
    public virtual int Workers => 1;

    /// <summary>
    /// Gets the setting of the consumer that fixes the size of its batches, and its value; null for that of the
    /// options.
    /// </summary>
    public virtual (string Name, int Events)? BatchSetting => null;

    /// <summary>Gets the requirements of the consumer's own adaptation; null for those of the options.</summary>
    public virtual LoadOptions? LoadOptions => null;

    /// <summary>
    /// Gets or sets the adaptation of the size of batches and the number of workers; null if they are fixed.
    /// </summary>
    public AdaptiveLoad? Load { get; set; }

    /// <summary>
    /// Gets or sets the settings of a trial, which apply before all others; null without a trial, and after its time.
    /// </summary>
    public LoadTrial? Trial
    {
        get => _trial is { IsOver: false } trial ? trial : null;
        set => _trial = value;
    }

    /// <summary>Reports a handled batch to the trial, and without one to the adaptation.</summary>
    /// <param name="events">The number of its events.</param>
    /// <param name="startedAt">The time at which the consumer started to read them.</param>
    /// <param name="lag">The number of events that wait after it.</param>
    public void Report(int events, long startedAt, long lag)
    {
        if (Trial is { } trial)
            trial.Report(events, startedAt, lag);
        else if (_wasTried)
            Load?.Restart(); // Forgets what it measured before the trial.
        else
            Load?.Report(events, startedAt, lag);
        _wasTried = Trial is not null;
    }

    /// <summary>Gets the maximum number of bytes of a page; null for the value of the options.</summary>
    public virtual long? MaxBytes => null;

    /// <summary>Gets whether enough effects have been collected to commit them.</summary>
    public virtual bool IsFull => false;

    /// <summary>
    /// Creates the processor's target, such as a collection, if it does not exist. Called when a node starts, and can
    /// be called again.
    /// </summary>
    public virtual ValueTask Prepare(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Starts after a checkpoint, without uncommitted effects.</summary>
    public virtual ValueTask Start(long checkpoint, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Gets the next time at which the processor has work without a new event; null if only an event gives it work.
    /// </summary>
    public virtual DateTimeOffset? NextDue => null;

    /// <summary>
    /// Gets whether work that <see cref="StartDue"/> started is running. The work signals when it is done.
    /// </summary>
    public virtual bool IsBusy => false;

    /// <summary>
    /// Gets whether work for handled events is due or soon due, so that a tenant that nobody uses is not closed before.
    /// Other threads can call it.
    /// </summary>
    public virtual bool MustStayOpen => IsBusy;

    /// <summary>
    /// Returns whether a store that nobody uses must stay open even while the processor fails, because its work would
    /// wait until the store is used again. Other threads can call it.
    /// </summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public virtual ValueTask<bool> HasUnsaved(CancellationToken cancellationToken) => new(false);

    /// <summary>
    /// Starts the work that is due, without waiting for its end. The effects of this work are not committed with the
    /// checkpoint, so the store must refuse them if another node was faster.
    /// </summary>
    /// <param name="wake">Called when work that was started is done.</param>
    /// <param name="cancellationToken">Canceled when the lease is lost.</param>
    /// <returns>True if documents are due.</returns>
    public virtual ValueTask<bool> StartDue(Action wake, CancellationToken cancellationToken) => new(false);

    /// <summary>
    /// Gets whether the processor handles each event in a separate span, which is in the trace of the event.
    /// </summary>
    public virtual bool TracesEachEvent => false;

    /// <summary>Measures the processor's handlers from now on. Called before the consumer starts.</summary>
    public virtual void Observe(ConsumerMetrics metrics, TimeProvider time)
    {
    }

    /// <summary>Gets the documents of the processor that can expire; null if none can.</summary>
    public virtual ExpiringDocuments? Expiring => null;

    /// <summary>Waits for the work that the processor has started, because the run under this lease ends.</summary>
    public virtual ValueTask End() => ValueTask.CompletedTask;

    /// <summary>Gets the policy for the consumer's errors; null for the default.</summary>
    public virtual FailurePolicy? Policy => null;

    /// <summary>
    /// Gets the names of earlier consumers that did the same work. Final decisions about their dead letters also apply
    /// to this consumer.
    /// </summary>
    public virtual IReadOnlyList<string> Predecessors => [];

    /// <summary>
    /// Gets whether the documents must equal their streams, so that no event can be skipped or corrected.
    /// </summary>
    public virtual bool EqualsStreams => false;

    /// <summary>Gets whether the processor is pure, so that the same event fails again in the same way.</summary>
    public abstract bool IsPure { get; }

    /// <summary>
    /// Handles events in order and collects their effects. Adds failed events and events that must wait to the blocked
    /// keys, and continues with the other events.
    /// </summary>
    /// <exception cref="EventFailedException">An event failed that cannot be taken out of the batch.</exception>
    public abstract ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken);

    /// <summary>Handles again an event that failed or waited, and collects its effects.</summary>
    public abstract ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the keys of an event, within which order is kept; one empty key when they cannot be determined.
    /// </summary>
    public abstract IReadOnlyList<string> KeysOf(RecordedEvent recorded);

    /// <summary>Creates the same processor for the keys of one partition.</summary>
    public virtual ConsumerProcessor CreateShare(PartitionKeys share) =>
        share.IsWhole ? this : throw new NotSupportedException($"Consumer '{Name}' cannot be partitioned.");

    /// <summary>
    /// Creates the same processor again, for a new run beside one that does not end; null if a run must end before the
    /// next one starts.
    /// </summary>
    public virtual ConsumerProcessor? TryCreateReplacement() => null;

    /// <summary>
    /// Returns the collected effects, in parts that are each committed at once, in order. The checkpoint moves with the
    /// last part.
    /// </summary>
    public virtual ValueTask<IReadOnlyList<ConsumerEffects>> Collect() => new([]);

    /// <summary>Called when the collected effects are committed.</summary>
    public virtual void Committed()
    {
    }
}
