using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Finds the documents of a collection that are due, and processes several of them in parallel. Documents that are due
/// later cost nothing: only the time of the next one is known.
/// </summary>
/// <remarks>
/// The collection has the field <c>due</c>, an instant, and the JSON bodies have a <c>due</c> with the same value. The
/// change of a document must be refused when another node was faster. Processing returns the time at which the document
/// is due again; null when it is not, <see cref="ScanAgain"/> when only a scan can find out. Called by one consumer;
/// <see cref="End"/> waits for everything that was started.
/// </remarks>
internal sealed class DueDocumentScheduler(
    EventStore store,
    string collection,
    Func<Document, CancellationToken, Task<DateTimeOffset?>> process,
    Action<Exception> logFailure)
{
    public const string Field = "due";

    /// <summary>Returned by processing that does not know when its document is due again.</summary>
    public static readonly DateTimeOffset ScanAgain = DateTimeOffset.MinValue;

    private const int MaxConcurrency = 64;
    private const int PageDocuments = 512; // More than run in parallel, so that a page always has others.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly Queue<Document> _found = [];
    private readonly HashSet<string> _inProgress = new(StringComparer.Ordinal);
    // A scan may have found these in their state before they were processed.
    private readonly HashSet<string> _endedDuringScan = new(StringComparer.Ordinal);
    private readonly List<Task> _running = [];
    private (Action Wake, CancellationToken Token)? _started; // Null while nothing may be started.
    private DateTimeOffset? _next = ScanAgain;
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;
    private long _writeCount; // Counts the notifications of writes.
    private int _workers;
    private int _failures;
    private bool _isScanning;
    private bool _hasMore;
    private DocumentCursor? _pageEnd; // Of the last scan; null when nothing more was due after it.
    private bool _hasFailed; // Since a scan started at the front.

    /// <summary>
    /// The time of the next scan; null when only the end of running work, or an event, can determine it.
    /// </summary>
    public DateTimeOffset? Next
    {
        get
        {
            lock (_lock)
            {
                if (IsFull || _next is not { } next)
                    return null; // A worker that finishes wakes the consumer.
                return next > _pausedUntil ? next : _pausedUntil;
            }
        }
    }

    /// <summary>True while documents are being processed.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_lock)
                return _inProgress.Count > 0;
        }
    }

    /// <summary>
    /// Scans at the next opportunity, because something was written that may be due earlier than the known time.
    /// </summary>
    public void ScanNow()
    {
        lock (_lock)
            MarkChanged();
    }

    /// <summary>
    /// Scans at the given time at the latest, because a document was written that is due then. Null when it is not due.
    /// </summary>
    public void NoteDue(DateTimeOffset? due)
    {
        lock (_lock)
            ScheduleScan(due);
    }

    /// <summary>
    /// Starts to process a document that was written and is due, without a scan. A document that is already being
    /// processed is scanned for afterwards.
    /// </summary>
    public void StartNow(Document document)
    {
        lock (_lock)
        {
            // Documents of a due scan come before the new one.
            var mustWait = _found.Count >= PageDocuments || (_found.Count > 0 && _next <= store.Time.GetUtcNow());
            if (_started is null || mustWait || !_inProgress.Add(document.Key))
            {
                MarkChanged();
                return;
            }
            _found.Enqueue(document);
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
            _next = null; // A write from here on requests another scan.
            _isScanning = true;
            // A failed document remains due: a page full of failed ones would hide all documents that are due later.
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
            return Take(due, isBehind: after is not null, next.Count == 0 ? null : DueOf(next[0]));
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
            _next = ScanAgain;
            _pageEnd = null;
            while (_found.TryDequeue(out var waiting))
                _inProgress.Remove(waiting.Key);
            running = [.. _running];
        }
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
            _running.Clear();
    }

    /// <summary>True when all workers are busy and further documents wait.</summary>
    private bool IsFull => _found.Count > 0 && _workers >= MaxConcurrency;

    private void MarkChanged()
    {
        _next = ScanAgain;
        _writeCount++; // Running work may not have seen the write.
    }

    private void ScheduleScan(DateTimeOffset? due)
    {
        if (due is { } at && (_next is null || at < _next))
            _next = at;
    }

    private bool Take(DocumentPage due, bool isBehind, DateTimeOffset? next)
    {
        lock (_lock)
        {
            if (_started is null)
                return false; // It has ended in the meantime.
            foreach (var document in due.Documents)
            {
                if (_endedDuringScan.Contains(document.Key))
                    // The document may have been written again. A scan at once would repeat endlessly under load.
                    ScheduleScan(store.Time.GetUtcNow() + FirstPause);
                else if (_inProgress.Add(document.Key))
                    _found.Enqueue(document);
            }
            _hasMore = due.Documents.Count == PageDocuments;
            _pageEnd = due.Next;
            // At the end of a round the failed documents are due again.
            ScheduleScan(isBehind && due.Next is null ? ScanAgain : next);
            StartWorkers(_found.Count);
            return _found.Count > 0;
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
        while (TryNext(out var document, out var writeCount))
        {
            var again = await TryProcess(document, cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                _inProgress.Remove(document.Key);
                if (_isScanning)
                    _endedDuringScan.Add(document.Key);
                ScheduleScan(_writeCount != writeCount || (_hasMore && _found.Count == 0) ? ScanAgain : again);
            }
        }
        bool mustWake;
        lock (_lock)
            mustWake = _next is not null || _inProgress.Count == 0;
        if (mustWake)
            wake();
    }

    /// <summary>Takes the document that was found first; without one the worker ends.</summary>
    private bool TryNext([NotNullWhen(true)] out Document? document, out long writeCount)
    {
        lock (_lock)
        {
            writeCount = _writeCount;
            if (_found.TryDequeue(out document))
                return true;
            _workers--;
            return false;
        }
    }

    private async Task<DateTimeOffset?> TryProcess(Document document, CancellationToken cancellationToken)
    {
        try
        {
            var again = await process(document, cancellationToken).ConfigureAwait(false);
            _failures = 0;
            return again;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ScanAgain; // The lease is lost: its new holder continues.
        }
#pragma warning disable CA1031 // The top of a background task: the error is logged, and the document is retried.
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
