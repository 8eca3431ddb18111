using System.Collections.Concurrent;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Remembers the shapes of the queries of a store on this node. Thread-safe.</summary>
/// <remarks>A shape that was not used between two calls of <see cref="Take"/> makes room for another one.</remarks>
/// <param name="limit">The maximum number of shapes; 0 to remember none. Queries of further shapes are not
/// counted.</param>
/// <param name="time">The clock of the first and the last use.</param>
internal sealed class QueryShapes(int limit, TimeProvider time)
{
    private readonly ConcurrentDictionary<QueryShape, QueryCounter> _counters = new();
    private readonly ConcurrentDictionary<DateTimeOffset, byte> _omissions = new(); // The days in UTC.
    private int _count; // ConcurrentDictionary.Count locks the whole table.

    /// <summary>Gets whether the store remembers shapes.</summary>
    public bool IsEnabled => limit > 0;

    /// <summary>Records the execution of a query of the log.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="isCount">True if the query only counted events.</param>
    /// <param name="rows">The number of events.</param>
    /// <param name="duration">The time in the storage.</param>
    public void Record(EventFilter filter, bool isCount, long rows, TimeSpan duration)
    {
        if (IsEnabled)
            Record(QueryShape.Of(filter) with { IsCount = isCount }, rows, duration);
    }

    /// <summary>Records the execution of a query of documents.</summary>
    public void Record(string readModel, DocumentQuery query, long rows, TimeSpan duration)
    {
        if (IsEnabled)
            Record(
                QueryShape.Of(readModel, query.Conditions) is { } shape
                    ? shape with { OrderBy = query.OrderBy, IsDescending = query.IsDescending }
                    : null,
                rows,
                duration);
    }

    /// <summary>Records the count of documents.</summary>
    public void RecordCount(string readModel, IReadOnlyList<FieldCondition> conditions, long rows, TimeSpan duration)
    {
        if (IsEnabled)
            Record(
                QueryShape.Of(readModel, conditions) is { } shape ? shape with { IsCount = true } : null,
                rows,
                duration);
    }

    /// <summary>Returns the counts since the last call.</summary>
    public IReadOnlyList<QueryUse> Take()
    {
        var uses = new List<QueryUse>();
        foreach (var (shape, counter) in _counters)
        {
            if (counter.TakeOrClose(shape) is { } use)
                uses.Add(use);
            else
                Remove(shape, counter);
        }
        return uses;
    }

    /// <summary>
    /// Returns the times of queries that were not counted since the last call: those of too many shapes, or with too
    /// many conditions.
    /// </summary>
    public IReadOnlyCollection<DateTimeOffset> TakeOmissions()
    {
        if (_omissions.IsEmpty)
            return [];
        var days = _omissions.Keys.ToList();
        foreach (var day in days)
            _omissions.TryRemove(day, out _);
        return days;
    }

    /// <summary>Adds counts that could not be stored.</summary>
    public void Return(IEnumerable<QueryUse> uses)
    {
        foreach (var use in uses)
        {
            while (true)
            {
                if (Find(use.Shape, use.FirstUse) is not { } counter)
                    NoteOmission(use.LastUse);
                else if (!counter.TryReturn(use))
                {
                    Remove(use.Shape, counter);
                    continue;
                }
                break;
            }
        }
    }

    private void Record(QueryShape? shape, long rows, TimeSpan duration)
    {
        var now = time.GetUtcNow();
        while (shape is not null && Find(shape, now) is { } counter)
        {
            if (counter.TryAdd(rows, duration, now))
                return;
            Remove(shape, counter); // It was closed because it was not used. The next one counts.
        }
        NoteOmission(now);
    }

    private void NoteOmission(DateTimeOffset time) => _omissions.TryAdd(time.UtcDateTime.Date, 0);

    private void Remove(QueryShape shape, QueryCounter counter)
    {
        if (_counters.TryRemove(KeyValuePair.Create(shape, counter)))
            Interlocked.Decrement(ref _count);
    }

    /// <summary>Returns the counter of a shape; null if it is new and there are too many.</summary>
    private QueryCounter? Find(QueryShape shape, DateTimeOffset firstUse)
    {
        if (_counters.TryGetValue(shape, out var known))
            return known;
        var counter = new QueryCounter(firstUse);
        if (Interlocked.Increment(ref _count) <= limit && _counters.TryAdd(shape, counter))
            return counter;
        Interlocked.Decrement(ref _count);
        return _counters.GetValueOrDefault(shape);
    }
}
