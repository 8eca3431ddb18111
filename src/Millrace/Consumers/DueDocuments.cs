using System.Text.Json;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Finds the documents of a collection that are due, and works on several of them at a time, each by itself. However many wait for a later
/// time, nothing is done about them: only the time of the next one is known.
/// </summary>
/// <remarks>
/// The collection has the field <c>due</c>, an instant, and the bodies are JSON whose <c>due</c> says the same. Work on a document must be
/// refused by itself where another node was faster. Called by one consumer; what is begun ends with <see cref="End"/>.
/// </remarks>
internal sealed class DueDocuments(
    EventStore store, string collection, Func<Document, CancellationToken, Task> work, Action<Exception> failed)
{
    public const string Field = "due";
    private const int MostAtOnce = 64;
    private const int PageDocuments = 512; // More than can be in hand, so that a page always has others.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly Queue<Document> _found = [];
    private readonly HashSet<string> _inHand = new(StringComparer.Ordinal);
    private readonly List<Task> _running = [];
    private DateTimeOffset? _next = DateTimeOffset.MinValue;
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;
    private int _failures;
    private bool _ends;

    /// <summary>When to look next; null while only what is in hand, or an event, can tell.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            lock (_lock)
                return _next is { } next ? next > _pausedUntil ? next : _pausedUntil : null;
        }
    }

    /// <summary>Whether something is in hand.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_lock)
                return _inHand.Count > 0;
        }
    }

    /// <summary>Looks as soon as it is asked: something was written that may be due before what is known.</summary>
    public void LookNow()
    {
        lock (_lock)
            _next = DateTimeOffset.MinValue;
    }

    /// <summary>Looks what is due, and begins to work on it.</summary>
    public async ValueTask<bool> Begin(Action wake, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_found.Count > 0)
                return false;
            (_next, _ends) = (null, false); // What is written from here on asks for another look.
        }
        var now = store.Time.GetUtcNow();
        try
        {
            var due = await Find(Comparison.LessOrEqual, now, PageDocuments, cancellationToken).ConfigureAwait(false);
            var next = due.Count == PageDocuments ? []
                : await Find(Comparison.Greater, now, 1, cancellationToken).ConfigureAwait(false);
            return Take(due, next.Count == 0 ? null : DueOf(next[0]), wake, cancellationToken);
        }
        catch
        {
            LookNow();
            throw;
        }
    }

    /// <summary>Takes no more, and waits for what is in hand.</summary>
    public async ValueTask End()
    {
        Task[] running;
        lock (_lock)
        {
            (_ends, _next) = (true, DateTimeOffset.MinValue);
            while (_found.TryDequeue(out var left))
                _inHand.Remove(left.Key);
            running = [.. _running];
        }
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
            _running.Clear();
    }

    private bool Take(IReadOnlyList<Document> due, DateTimeOffset? next, Action wake, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var document in due)
            {
                if (_inHand.Add(document.Key))
                    _found.Enqueue(document);
            }
            if (next is { } at && (_next is null || at < _next))
                _next = at;
            _running.RemoveAll(task => task.IsCompleted);
            var isAny = _found.Count > 0;
            for (var i = Math.Min(_found.Count, MostAtOnce - _running.Count); i > 0; i--)
                _running.Add(Task.Run(() => Work(wake, cancellationToken), CancellationToken.None));
            return isAny;
        }
    }

    private async Task Work(Action wake, CancellationToken cancellationToken)
    {
        while (true)
        {
            Document? document;
            lock (_lock)
            {
                if (!_found.TryDequeue(out document))
                    break;
            }
            if (await TryWork(document, cancellationToken).ConfigureAwait(false))
                _failures = 0;
            lock (_lock)
            {
                _inHand.Remove(document.Key);
                if (_found.Count == 0 && !_ends)
                    _next = DateTimeOffset.MinValue; // It may be due again, and others behind the page.
            }
        }
        wake();
    }

    private async Task<bool> TryWork(Document document, CancellationToken cancellationToken)
    {
        try
        {
            await work(document, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false; // The lease is gone: whoever has it goes on.
        }
#pragma warning disable CA1031 // The top of what runs by itself: it is told, and looked at again after a pause.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failed(exception);
            lock (_lock)
            {
                var pause = FirstPause * Math.Pow(2, Math.Min(_failures++, 10));
                _pausedUntil = store.Time.GetUtcNow() + (pause < LongestPause ? pause : LongestPause);
            }
            return false;
        }
    }

    private async ValueTask<IReadOnlyList<Document>> Find(
        Comparison comparison, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery
        {
            Collection = collection, Conditions = [new FieldCondition(Field, comparison, now)], OrderBy = Field, Limit = limit,
        };
        return (await store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false)).Documents;
    }

    private static DateTimeOffset? DueOf(Document document)
    {
        using var json = JsonDocument.Parse(document.Body);
        return json.RootElement.TryGetProperty("due"u8, out var due) && due.TryGetDateTimeOffset(out var at) ? at : null;
    }
}
