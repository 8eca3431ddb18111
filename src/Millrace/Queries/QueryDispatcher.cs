using System.Diagnostics.Metrics;
using Millrace.Auditing;
using Millrace.Commands;
using Millrace.Store;

namespace Millrace.Queries;

/// <summary>Finds the pipeline of a query, and contains the state that all queries of a store share.</summary>
internal sealed class QueryDispatcher
{
    private readonly TypeTable<QueryPipeline> _pipelines;
    private readonly Histogram<double> _duration;

    public QueryDispatcher(
        IEnumerable<QueryDefinition> queries,
        bool hasAuthorizers,
        TimeProvider time,
        IMeterFactory? meters,
        QueryCache? cache = null)
    {
        Cache = cache;
        HasAuthorizers = hasAuthorizers;
        Time = time;
        var meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _duration = meter.CreateHistogram<double>(
            "millrace.query.duration",
            "s",
            "The time until a query is answered or fails.",
            advice: HistogramBoundaries.Durations);
        _pipelines = new(
            MessageTypeLookup.Of(
                queries,
                query => query.QueryType,
                query => query.DerivedTypes,
                query => query.CreatePipeline(this)));
    }

    /// <summary>Gets the cache of answers; null if the application declares none.</summary>
    public QueryCache? Cache { get; }

    public bool HasAuthorizers { get; }

    /// <summary>Gets whether the members that a user may not see are left out of answers.</summary>
    public bool HasAccessControl { get; init; }

    public TimeProvider Time { get; }

    /// <summary>Gets the recorder of the audit trail; null if the application has none.</summary>
    public CommandAudit? Audit { get; init; }

    /// <summary>Gets the recorder of answers; null if they are not recorded, or no read model has marks.</summary>
    public ReadAudit? Reads { get; init; }

    /// <summary>Gets how the ids of users are found.</summary>
    public CommandUsers Users { get; init; } = CommandUsers.Default;

    /// <summary>Gets whether queries are measured or traced.</summary>
    public bool IsObserved => _duration.Enabled || MillraceTelemetry.Source.HasListeners();

    /// <summary>Returns the pipeline for a type of query.</summary>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the query.</exception>
    public QueryPipeline<TResult> Find<TResult>(Type query) =>
        _pipelines.Find(query) is QueryPipeline<TResult> pipeline
            ? pipeline
            : throw new HandlerNotFoundException(query);

    public void RecordAnswer(string query, TimeSpan elapsed, Exception? error) =>
        RequestDuration.Record(
            _duration, new KeyValuePair<string, object?>("millrace.query", query), elapsed, error);
}
