using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>
/// Finds the documents of a collection that are due, and processes several of them in parallel. Documents that are due
/// later need no memory: the scheduler keeps only the time at which the next one is due.
/// </summary>
/// <remarks>
/// The collection has the field <c>due</c>, an instant, and the JSON bodies have a <c>due</c> with the same value. The
/// <c>process</c> function must not change a document that another node has changed first. It returns the time at which
/// the document is due again, null when it is not due again, or <see cref="ScanAgain"/> when it does not know the time.
/// One consumer uses a scheduler. <see cref="End"/> waits until all started work has ended.
/// </remarks>
internal sealed class DueDocumentScheduler(
    EventStore store,
    string collection,
    Func<Document, CancellationToken, Task<DateTimeOffset?>> process,
    Action<Exception> logFailure)
{
    public const string Field = "due";

    /// <summary>The result of <c>process</c> if it does not know the time at which the document is due again.</summary>
    public static readonly DateTimeOffset ScanAgain = DateTimeOffset.MinValue;

    private const int MaxConcurrency = 64;
    private const int PageDocuments = 512; // More than MaxConcurrency, so that a page also has documents that wait.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly Queue<Document> _queued = [];
    private readonly HashSet<string> _inProgress = new(StringComparer.Ordinal);
    // The documents whose processing ended during the current scan. The scan may have read them in their earlier state.
    private readonly HashSet<string> _endedDuringScan = new(StringComparer.Ordinal);
    private readonly List<Task> _running = [];
    private (Action Wake, CancellationToken Token)? _started; // Null while no document may be started.
    private DateTimeOffset? _nextScan = ScanAgain;
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;
    private long _writeCount; // Counts the notifications of writes.
    private int _workers;
    private int _failures;
    private bool _isScanning;
    private bool _hasMore;
    private DocumentCursor? _pageEnd; // The end of the last scan's page; null when it was the last page.
    private bool _hasFailed; // True if a document has failed since the last scan that started at the first document.

    /// <summary>
    /// Gets the time of the next scan. It is null when the scheduler knows the time only after running work has ended,
    /// or after an event.
    /// </summary>
    public DateTimeOffset? Next
    {
        get
        {
            lock (_lock)
            {
                if (IsFull || _nextScan is not { } next)
                    return null; // A worker that finishes wakes the consumer.
                return next > _pausedUntil ? next : _pausedUntil;
            }
        }
    }

    /// <summary>Gets whether documents are being processed.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_lock)
                return _inProgress.Count > 0;
        }
    }

    /// <summary>
    /// Scans at the next opportunity, because a document was written that may be due before the next scan.
    /// </summary>
    public void ScanNow()
    {
        lock (_lock)
            MarkChanged();
    }

    /// <summary>
    /// Scans not later than the given time, at which a document that was written is due. Does nothing for null.
    /// </summary>
    public void NoteDue(DateTimeOffset? due)
    {
        lock (_lock)
            ScheduleScan(due);
    }

    /// <summary>
    /// Starts to process a document that was written and is due, without a scan. If the document is already being
    /// processed, a scan finds it afterwards.
    /// </summary>
    public void StartNow(Document document)
    {
        lock (_lock)
        {
            // If a scan is due, the documents that it finds are processed before the new one.
            var mustWait = _queued.Count >= PageDocuments || (_queued.Count > 0 && _nextScan <= store.Time.GetUtcNow());
            if (_started is null || mustWait || !_inProgress.Add(document.Key))
            {
                MarkChanged();
                return;
            }
            _queued.Enqueue(document);
            StartWorkers(1);
        }
    }

    /// <summary>Scans for due documents and starts to process them.</summary>
    public async ValueTask<bool> Start(Action wake, CancellationToken cancellationToken)
    {
        DocumentCursor? after;
        lock (_lock)
        {
            _started = (wake, cancellationToken);
            if (IsFull)
                return false;
            _nextScan = null; // From now on, each write requests another scan.
            _isScanning = true;
            // After a failure, continues behind the last page. Failed documents remain due, and a page with only failed
            // documents would hide all others.
            after = _hasFailed ? _pageEnd : null;
            _hasFailed &= after is not null;
        }
        var now = store.Time.GetUtcNow();
        try
        {
            var due = await Find(Comparison.LessOrEqual, now, after, PageDocuments, cancellationToken)
                .ConfigureAwait(false);
            var next =
                due.Documents.Count == PageDocuments
                    ? []
                    : (await Find(Comparison.Greater, now, null, 1, cancellationToken).ConfigureAwait(false)).Documents;
            return Take(due, isContinuation: after is not null, next.Count == 0 ? null : DueOf(next[0]));
        }
        catch
        {
            ScanNow();
            throw;
        }
        finally
        {
            EndScan();
        }
    }

    /// <summary>Starts no more documents, and waits for those being processed.</summary>
    public async ValueTask End()
    {
        Task[] running;
        lock (_lock)
        {
            _started = null;
            _nextScan = ScanAgain;
            _pageEnd = null;
            while (_queued.TryDequeue(out var waiting))
                _inProgress.Remove(waiting.Key);
            running = [.. _running];
        }
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
            _running.Clear();
    }

    /// <summary>Gets whether all workers are busy and further documents wait.</summary>
    private bool IsFull => _queued.Count > 0 && _workers >= MaxConcurrency;

    private void MarkChanged()
    {
        _nextScan = ScanAgain;
        _writeCount++; // Running work may not have seen the write.
    }

    private void ScheduleScan(DateTimeOffset? due)
    {
        if (due is { } at && (_nextScan is null || at < _nextScan))
            _nextScan = at;
    }

    private bool Take(DocumentPage due, bool isContinuation, DateTimeOffset? next)
    {
        lock (_lock)
        {
            if (_started is null)
                return false; // Another thread has called End.
            foreach (var document in due.Documents)
            {
                if (_endedDuringScan.Contains(document.Key))
                    // The document may have been written again. A scan at once would repeat endlessly under load.
                    ScheduleScan(store.Time.GetUtcNow() + FirstPause);
                else if (_inProgress.Add(document.Key))
                    _queued.Enqueue(document);
            }
            _hasMore = due.Documents.Count == PageDocuments;
            _pageEnd = due.Next;
            // After the last page, the next scan starts at the first document and retries the failed ones.
            ScheduleScan(isContinuation && due.Next is null ? ScanAgain : next);
            StartWorkers(_queued.Count);
            return _queued.Count > 0;
        }
    }

    private void EndScan()
    {
        lock (_lock)
        {
            _isScanning = false;
            _endedDuringScan.Clear();
        }
    }

    private void StartWorkers(int max)
    {
        if (_running.Count >= MaxConcurrency)
            _running.RemoveAll(task => task.IsCompleted);
        var (wake, cancellationToken) = _started!.Value; // Nothing is started before it is set.
        for (var i = Math.Min(max, MaxConcurrency - _workers); i > 0; i--)
        {
            _workers++;
            _running.Add(Task.Run(() => ProcessDue(wake, cancellationToken), CancellationToken.None));
        }
    }

    private async Task ProcessDue(Action wake, CancellationToken cancellationToken)
    {
        Activity.Current = null; // The event that started this worker is not the cause of the following documents.
        while (TryNext(out var document, out var writeCount))
        {
            var nextDue = await TryProcess(document, cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                _inProgress.Remove(document.Key);
                if (_isScanning)
                    _endedDuringScan.Add(document.Key);
                ScheduleScan(_writeCount != writeCount || (_hasMore && _queued.Count == 0) ? ScanAgain : nextDue);
            }
        }
        bool mustWake;
        lock (_lock)
            mustWake = _nextScan is not null || _inProgress.Count == 0;
        if (mustWake)
            wake();
    }

    /// <summary>Takes the document that was found first. Returns false and ends the worker if there is none.</summary>
    private bool TryNext([NotNullWhen(true)] out Document? document, out long writeCount)
    {
        lock (_lock)
        {
            writeCount = _writeCount;
            if (_queued.TryDequeue(out document))
                return true;
            _workers--;
            return false;
        }
    }

    private async Task<DateTimeOffset?> TryProcess(Document document, CancellationToken cancellationToken)
    {
        try
        {
            var nextDue = await process(document, cancellationToken).ConfigureAwait(false);
            _failures = 0;
            return nextDue;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ScanAgain; // The lease is lost. The new holder continues.
        }
#pragma warning disable CA1031 // The background task logs the error and retries the document.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            logFailure(exception);
            lock (_lock)
            {
                var pause = FirstPause * Math.Pow(2, Math.Min(_failures++, 10));
                _hasFailed = true;
                _pausedUntil = store.Time.GetUtcNow() + (pause < MaxPause ? pause : MaxPause);
            }
            return ScanAgain;
        }
    }

    private ValueTask<DocumentPage> Find(
        Comparison comparison,
        DateTimeOffset now,
        DocumentCursor? after,
        int limit,
        CancellationToken cancellationToken) =>
        store.Storage.Documents.Query(
            new DocumentQuery
            {
                Collection = collection,
                Conditions = [new FieldCondition(Field, comparison, FieldValue.Microseconds(now))],
                OrderBy = Field,
                After = after,
                Limit = limit,
            },
            cancellationToken);

    private static DateTimeOffset? DueOf(Document document)
    {
        using var json = JsonDocument.Parse(document.Body);
        return json.RootElement.TryGetProperty("due"u8, out var due) && due.TryGetDateTimeOffset(out var at)
            ? at
            : null;
    }
}
