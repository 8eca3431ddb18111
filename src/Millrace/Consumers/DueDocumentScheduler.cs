using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Finds the documents of a collection that are due, and works on several of them at a time, each by itself. However
/// many wait for a later time, nothing is done about them: only the time of the next one is known.
/// </summary>
/// <remarks>
/// The collection has the field <c>due</c>, an instant, and the bodies are JSON whose <c>due</c> says the same. Work on
/// a document must be refused by itself where another node was faster, and returns when the document is due again: null
/// where it is not, <see cref="ScanAgain"/> where that has to be looked at. Called by one consumer; what is begun ends
/// with <see cref="End"/>.
/// </remarks>
internal sealed class DueDocumentScheduler(
    EventStore store,
    string collection,
    Func<Document, CancellationToken, Task<DateTimeOffset?>> work,
    Action<Exception> failed)
{
    public const string Field = "due";

    /// <summary>The answer of work that does not know when its document is due again.</summary>
    public static readonly DateTimeOffset ScanAgain = DateTimeOffset.MinValue;

    private const int MaxConcurrency = 64;
    private const int PageDocuments = 512; // More than can be in hand, so that a page always has others.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly Queue<Document> _found = [];
    private readonly HashSet<string> _inProgress = new(StringComparer.Ordinal);
    // The look may have found them as they were before.
    private readonly HashSet<string> _endedDuringScan = new(StringComparer.Ordinal);
    private readonly List<Task> _running = [];
    private (Action Wake, CancellationToken Token)? _begun; // Null while nothing may be begun.
    private DateTimeOffset? _next = ScanAgain;
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;
    private long _news; // How often it was told that something was written.
    private int _workers;
    private int _failures;
    private bool _isScanning;
    private bool _hasMore;
    private DocumentCursor? _pageEnd; // Of the last look; null where nothing more was due behind it.
    private bool _hasFailed; // Since a look has begun from the front.

    /// <summary>When to look next; null while only what is in hand, or an event, can tell.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            lock (_lock)
            {
                if (IsFull || _next is not { } next)
                    return null; // Who comes to an end tells.
                return next > _pausedUntil ? next : _pausedUntil;
            }
        }
    }

    /// <summary>Whether something is in hand.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_lock)
                return _inProgress.Count > 0;
        }
    }

    /// <summary>Looks as soon as it is asked: something was written that may be due before what is known.</summary>
    public void ScanNow()
    {
        lock (_lock)
            MarkChanged();
    }

    /// <summary>Looks at a time, if not before: a document was written that is due then. Null for one that is
    /// not.</summary>
    public void NoteDue(DateTimeOffset? due)
    {
        lock (_lock)
            ScheduleScan(due);
    }

    /// <summary>
    /// Begins to work on a document that was written and is due, without a look. One that is in hand is looked at
    /// afterwards.
    /// </summary>
    public void StartNow(Document document)
    {
        lock (_lock)
        {
            // What is to be looked at comes before what comes now.
            var mustWait = _found.Count >= PageDocuments || (_found.Count > 0 && _next <= store.Time.GetUtcNow());
            if (_begun is null || mustWait || !_inProgress.Add(document.Key))
            {
                MarkChanged();
                return;
            }
            _found.Enqueue(document);
            StartWorkers(1);
        }
    }

    /// <summary>Looks what is due, and begins to work on it.</summary>
    public async ValueTask<bool> Start(Action wake, CancellationToken cancellationToken)
    {
        DocumentCursor? after;
        lock (_lock)
        {
            _begun = (wake, cancellationToken);
            if (IsFull)
                return false;
            _next = null; // What is written from here on asks for another look.
            _isScanning = true;
            // What fails stays due: a page that it fills would hide all that is due later.
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

    /// <summary>Takes no more, and waits for what is in hand.</summary>
    public async ValueTask End()
    {
        Task[] running;
        lock (_lock)
        {
            (_begun, _next, _pageEnd) = (null, ScanAgain, null);
            while (_found.TryDequeue(out var left))
                _inProgress.Remove(left.Key);
            running = [.. _running];
        }
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
            _running.Clear();
    }

    /// <summary>Whether all workers have something in hand, and more waits for them.</summary>
    private bool IsFull => _found.Count > 0 && _workers >= MaxConcurrency;

    private void MarkChanged()
    {
        _next = ScanAgain;
        _news++; // What is in hand may not have seen it.
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
            if (_begun is null)
                return false; // It has ended meanwhile.
            foreach (var document in due.Documents)
            {
                if (_endedDuringScan.Contains(document.Key))
                    // Where it was written anew; at once would be again and again under load.
                    ScheduleScan(store.Time.GetUtcNow() + FirstPause);
                else if (_inProgress.Add(document.Key))
                    _found.Enqueue(document);
            }
            _hasMore = due.Documents.Count == PageDocuments;
            _pageEnd = due.Next;
            // At the end of a round what has failed comes again.
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

    private void StartWorkers(int most)
    {
        if (_running.Count >= MaxConcurrency)
            _running.RemoveAll(task => task.IsCompleted);
        var (wake, cancellationToken) = _begun!.Value; // Nothing is begun before it.
        for (var i = Math.Min(most, MaxConcurrency - _workers); i > 0; i--)
        {
            _workers++;
            _running.Add(Task.Run(() => ProcessDue(wake, cancellationToken), CancellationToken.None));
        }
    }

    private async Task ProcessDue(Action wake, CancellationToken cancellationToken)
    {
        while (TryNext(out var document, out var news))
        {
            var again = await TryProcess(document, cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                _inProgress.Remove(document.Key);
                if (_isScanning)
                    _endedDuringScan.Add(document.Key);
                ScheduleScan(_news != news || (_hasMore && _found.Count == 0) ? ScanAgain : again);
            }
        }
        bool isNews;
        lock (_lock)
            isNews = _next is not null || _inProgress.Count == 0;
        if (isNews)
            wake();
    }

    /// <summary>Takes what was found first; without any the worker is at its end.</summary>
    private bool TryNext([NotNullWhen(true)] out Document? document, out long news)
    {
        lock (_lock)
        {
            news = _news;
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
            var again = await work(document, cancellationToken).ConfigureAwait(false);
            _failures = 0;
            return again;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ScanAgain; // The lease is gone: whoever has it goes on.
        }
#pragma warning disable CA1031 // The top of what runs by itself: it is told, and looked at again after a pause.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failed(exception);
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
