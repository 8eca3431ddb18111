using Millrace.Consuming;
using Millrace.Shared.Comparisons;

namespace Millrace.Explaining;

/// <summary>The explanations of one store, for <see cref="Explanations"/>.</summary>
internal sealed class StoreExplanations
{
    private const int MaxSplits = 16;

    private readonly EventStore _store;
    private readonly ReadModelExplainer _documents;
    private readonly StreamExplainer _streams;
    private readonly TableExplainer _tables;
    private readonly EntityViewer _viewer;
    private readonly ModelCatalog _model;

    public StoreExplanations(ConsumerHost host, ModelCatalog model, IReadOnlyList<SqlProjection> tables)
    {
        _store = host.Store;
        _model = model;
        _documents = new ReadModelExplainer(host, model);
        _streams = new StreamExplainer(host.Store, model);
        _tables = new TableExplainer(host.Store, tables);
        _viewer = new EntityViewer(host, model, tables);
    }

    /// <inheritdoc cref="Explanations.Explain"/>
    public async Task<Explanation> Explain(
        string path, ExplanationOptions options, CancellationToken cancellationToken)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && slash < path.Length - 1)
        {
            var (name, splits) = (path[..slash], SplitsOf(path[(slash + 1)..]));
            if (await _documents.Find(name, cancellationToken).ConfigureAwait(false) is { } definition)
                return await _documents.Explain(definition, splits, options, cancellationToken).ConfigureAwait(false);
            if (_tables.Find(name) is { } projection)
                return await _tables.Explain(projection, splits, options, cancellationToken).ConfigureAwait(false);
        }
        if (await _streams.Find(SplitsOf(path), cancellationToken).ConfigureAwait(false) is ({ } stream, var member))
            return await _streams.Explain(stream, member, options, cancellationToken).ConfigureAwait(false);
        throw slash > 0 ? NoReadModel(path[..slash]) : NoSubject(path);
    }

    /// <inheritdoc cref="Explanations.ExplainDocument"/>
    public async Task<Explanation> ExplainDocument(
        string readModel,
        string key,
        string? member,
        ExplanationOptions options,
        CancellationToken cancellationToken)
    {
        var path = member is null ? null : MemberPath.Parse(member);
        if (await _documents.Find(readModel, cancellationToken).ConfigureAwait(false) is { } definition)
            return await _documents
                .Explain(definition, [(key, path)], options, cancellationToken)
                .ConfigureAwait(false);
        return _tables.Find(readModel) is { } projection
            ? await _tables.Explain(projection, [(key, path)], options, cancellationToken).ConfigureAwait(false)
            : throw NoReadModel(readModel);
    }

    /// <inheritdoc cref="Explanations.ExplainAggregate"/>
    public Task<Explanation> ExplainAggregate(
        StreamId stream,
        string? member,
        ExplanationOptions options,
        CancellationToken cancellationToken)
    {
        return _streams.Explain(stream, member is null ? null : MemberPath.Parse(member), options, cancellationToken);
    }

    /// <inheritdoc cref="Explanations.Show(StreamId, HistoryMoment, TimeSpan, CancellationToken)"/>
    public async Task<EntityView> Show(
        StreamId stream, HistoryMoment moment, TimeSpan timeLimit, CancellationToken cancellationToken)
    {
        var found = await LogMoment.Of(_store, moment, cancellationToken).ConfigureAwait(false);
        return await _viewer
            .Show(stream, found, new SearchTimeBudget(_store.Time, timeLimit), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc cref="Explanations.Compare(StreamId, HistoryMoment, HistoryMoment, TimeSpan, CancellationToken)"/>
    public async Task<EntityDifference> Compare(
        StreamId stream,
        HistoryMoment before,
        HistoryMoment after,
        TimeSpan timeLimit,
        CancellationToken cancellationToken)
    {
        var first = await LogMoment.Of(_store, before, cancellationToken).ConfigureAwait(false);
        var second = await LogMoment.Of(_store, after, cancellationToken).ConfigureAwait(false);
        if (first.Position > second.Position || (before.Time is { } from && after.Time is { } to && from > to))
            throw new ArgumentOutOfRangeException(
                nameof(before), before, "The later moment is before the earlier one.");
        var time = new SearchTimeBudget(_store.Time, timeLimit);
        return await _viewer.Compare(stream, first, second, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the possible splits of a text into a key and a member. The longest key comes first.
    /// </summary>
    private static List<(string Key, MemberPath? Member)> SplitsOf(string text)
    {
        var splits = new List<(string Key, MemberPath? Member)> { (text, null) };
        for (
            var dot = text.LastIndexOf('.');
            dot > 0 && splits.Count < MaxSplits;
            dot = text.LastIndexOf('.', dot - 1))
        {
            if (MemberPath.TryParse(text[(dot + 1)..]) is { } member)
                splits.Add((text[..dot], member));
        }
        return splits;
    }

    private NothingToExplainException NoReadModel(string name) => new(
        $"The model has no read model '{name}'.",
        name,
        [
            .. _model.Projections.Select(projection => projection.Name)
                .Concat(_tables.Names)
                .Distinct()
                .Order(StringComparer.Ordinal),
        ]);

    private NothingToExplainException NoSubject(string path) =>
        new(
            $"'{path}' is neither the path of a document, as in read-model/key.member, nor of an aggregate or "
                    + "decider, as in category-id.member.",
            path,
            [
                .. _model
                    .Projections.Select(projection => projection.Name)
                    .Concat(_tables.Names)
                    .Distinct()
                    .Select(name => name + "/…"),
                .. StreamSubject.CategoriesOf(_model).Select(category => category + "-…"),
            ]
        );
}
