using System.Collections.Concurrent;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Remembers the shapes of the queries of a store on this node. Thread-safe.</summary>
/// <param name="limit">The maximum number of shapes; 0 to remember none. Queries of further shapes are not
/// counted.</param>
/// <param name="time">The clock of the first and the last use.</param>
internal sealed class QueryShapes(int limit, TimeProvider time)
{
    private readonly ConcurrentDictionary<QueryShape, QueryCounter> _counters = new();

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
        if (!IsEnabled)
            return;
        var shape = QueryShape.Of(readModel, query.Conditions);
        Record(shape with { OrderBy = query.OrderBy, IsDescending = query.IsDescending }, rows, duration);
    }

    /// <summary>Records the count of documents.</summary>
    public void RecordCount(string readModel, IReadOnlyList<FieldCondition> conditions, long rows, TimeSpan duration)
    {
        if (IsEnabled)
            Record(QueryShape.Of(readModel, conditions) with { IsCount = true }, rows, duration);
    }

    /// <summary>Returns the counts since the last call.</summary>
    public IReadOnlyList<QueryUse> Take()
    {
        var uses = new List<QueryUse>();
        foreach (var (shape, counter) in _counters)
        {
            if (counter.Take(shape) is { } use)
                uses.Add(use);
        }
        return uses;
    }

    /// <summary>Adds counts that could not be stored.</summary>
    public void Return(IEnumerable<QueryUse> uses)
    {
        foreach (var use in uses)
            _counters.GetValueOrDefault(use.Shape)?.Return(use);
    }

    private void Record(QueryShape shape, long rows, TimeSpan duration)
    {
        var now = time.GetUtcNow();
        if (!_counters.TryGetValue(shape, out var counter))
        {
            if (_counters.Count >= limit)
                return;
            counter = _counters.GetOrAdd(shape, static (_, now) => new QueryCounter(now), now);
        }
        counter.Add(rows, duration, now);
    }
}
