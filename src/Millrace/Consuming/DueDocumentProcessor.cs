using Millrace.Consuming.Retries;
using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>
/// Processes the documents of a collection that are due. An event that matches the filter means that a document may be
/// due. The changes of each document are committed separately.
/// </summary>
internal abstract class DueDocumentProcessor : ConsumerProcessor
{
    private readonly CollectionDefinition _collection;
    private readonly DueDocumentScheduler _due;

    /// <param name="store">The store.</param>
    /// <param name="collection">The documents; the collection and the consumer have the same name.</param>
    protected DueDocumentProcessor(EventStore store, CollectionDefinition collection)
    {
        Store = store;
        _collection = collection;
        var failures = new FailureLog(store.Time);
        _due = new DueDocumentScheduler(store, collection.Name, ProcessDocument, exception =>
        {
            if (failures.Note(exception) is { } failure)
                LogFailure(failure);
        });
    }

    public override string Name => _collection.Name;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    public override DateTimeOffset? NextDue => _due.Next;

    public override bool IsBusy => _due.IsBusy;

    protected EventStore Store { get; }

    public override async ValueTask Prepare(CancellationToken cancellationToken) =>
        await Store.Storage.Documents.EnsureCollection(_collection, cancellationToken).ConfigureAwait(false);

    public override ValueTask Start(long checkpoint, CancellationToken cancellationToken)
    {
        ScanNow();
        return ValueTask.CompletedTask;
    }

    public override ValueTask<bool> StartDue(Action wake, CancellationToken cancellationToken) =>
        _due.Start(wake, cancellationToken);

    public override ValueTask End() => _due.End();

    public override ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        ScanNow();
        return ValueTask.CompletedTask;
    }

    public override ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded) => [recorded.Stream.Value];

    /// <summary>Scans for due documents at the next opportunity.</summary>
    protected void ScanNow() => _due.ScanNow();

    /// <summary>
    /// Scans at the given time at the latest, because a document that was written is due then. Does nothing for null.
    /// </summary>
    protected void NoteDue(DateTimeOffset? due) => _due.NoteDue(due);

    /// <summary>Starts to process a document that was written and is due, without a scan.</summary>
    protected void StartNow(Document document) => _due.StartNow(document);

    /// <summary>
    /// Processes a document that is due. The store must refuse the change if another node was faster. Returns the time
    /// at which the document is due again, or null if it is not due again. Returns
    /// <see cref="DueDocumentScheduler.ScanAgain"/> if only a scan can find the time.
    /// </summary>
    protected abstract Task<DateTimeOffset?> ProcessDocument(Document document, CancellationToken cancellationToken);

    /// <summary>
    /// Logs that documents could not be processed, at most once a minute for each kind of failure. They are retried
    /// after a delay.
    /// </summary>
    protected abstract void LogFailure(LoggedFailure failure);
}
