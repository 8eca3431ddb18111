using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Works on the documents of a collection that are due; the events that it asks for tell that there may be something to
/// do. What it does to a document is committed by itself.
/// </summary>
internal abstract class DueDocumentProcessor : ConsumerProcessor
{
    private readonly CollectionDefinition _collection;
    private readonly DueDocumentScheduler _due;

    /// <param name="store">The store.</param>
    /// <param name="collection">The documents, whose collection and consumer have one name.</param>
    protected DueDocumentProcessor(EventStore store, CollectionDefinition collection)
    {
        (Store, _collection) = (store, collection);
        _due = new DueDocumentScheduler(store, collection.Name, ProcessDocument, LogFailure);
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
        IReadOnlyList<RecordedEvent> events, BlockedKeys lines, CancellationToken cancellationToken)
    {
        ScanNow();
        return ValueTask.CompletedTask;
    }

    public override ValueTask HandleAgain(RetriedEvent again, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded) => [recorded.Stream.Value];

    /// <summary>Looks as soon as it is asked what is due.</summary>
    protected void ScanNow() => _due.ScanNow();

    /// <summary>Looks at a time, if not before: a document was written that is due then. Null for one that is
    /// not.</summary>
    protected void NoteDue(DateTimeOffset? due) => _due.NoteDue(due);

    /// <summary>Begins to work on a document that was written and is due, without a look.</summary>
    protected void StartNow(Document document) => _due.StartNow(document);

    /// <summary>
    /// Works on a document that is due. It must be refused where another node was faster. Returns when it is due again:
    /// null where it is not, <see cref="DueDocumentScheduler.ScanAgain"/> where that has to be looked at.
    /// </summary>
    protected abstract Task<DateTimeOffset?> ProcessDocument(Document document, CancellationToken cancellationToken);

    /// <summary>Tells that a document could not be worked on; it comes again after a pause.</summary>
    protected abstract void LogFailure(Exception exception);
}
