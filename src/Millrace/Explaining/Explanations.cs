using Millrace.Consuming;
using Millrace.Explaining;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Explains values. Finds the rule, event, command, user and build that set a member of a document, of an aggregate's
/// state or of a decider's state, and finds the earlier values. Replays only events of the value's key, and writes no
/// data. Thread-safe.
/// </summary>
/// <remarks>
/// If the streams of the application are in several shards, a document can have parts in several of them. Each part is
/// explained by the events of its shard (<see cref="Explanation.OtherParts"/>). Positions belong to the log of the
/// shard that the result names.
/// </remarks>
public sealed class Explanations
{
    private readonly ShardExplanations _shards;

    internal Explanations(ConsumerHost host, ModelCatalog model, IReadOnlyList<SqlProjection>? tables = null)
        : this(new ShardExplanations(new ShardHosts(host), findShard: null, model, tables ?? []))
    {
    }

    internal Explanations(ShardExplanations shards) => _shards = shards;

    /// <summary>Returns the explanations of a store, for tools that run no consumers.</summary>
    /// <param name="store">The store, opened with the model's event types.</param>
    /// <param name="model">The application's model.</param>
    public static Explanations Of(EventStore store, ModelCatalog model)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(model);
        return new Explanations(ConsumerHost.Idle(store), model);
    }

    /// <summary>Returns the explanations of a store, including projections into the application's own tables.</summary>
    /// <param name="store">The store, opened with the model's event types.</param>
    /// <param name="model">The application's model.</param>
    /// <param name="tables">The projections into tables, which a model does not contain.</param>
    public static Explanations Of(EventStore store, ModelCatalog model, IReadOnlyList<SqlProjection> tables)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tables);
        return new Explanations(ConsumerHost.Idle(store), model, [.. tables]);
    }

    /// <summary>
    /// Explains the value of a path, such as <c>daily-sales/2011-12-05.total</c> of a read model, or
    /// <c>order-42.lines[0].price</c> of an aggregate or a decider. A path without a member explains the whole document
    /// or state. A key may contain dots: of the keys that exist, the longest is used. For a projection into the
    /// application's own tables, such as <c>order-totals/order-42</c>, the method returns the events of the key with
    /// their statements.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="options">The options, or null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="NothingToExplainException">The read model, aggregate, decider or member does not
    /// exist.</exception>
    /// <exception cref="InvalidNameException">The path is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="NotAcrossShardsException">There are several shards, and an option contains a position of one
    /// log.</exception>
    /// <exception cref="ShardUnavailableException">A shard is not available.</exception>
    public Task<Explanation> Explain(
        string path, ExplanationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ExplanationOptions();
        options.Check();
        return _shards.Explain(options, store => store.Explain(path, options, cancellationToken));
    }

    /// <summary>Explains a member of a document, or the whole document.</summary>
    /// <param name="readModel">The name of the read model, or of the projection into tables. If there are several
    /// versions, the name contains the version, as in <c>daily-sales@2</c>.</param>
    /// <param name="key">The key of the document, as text.</param>
    /// <param name="member">The member, <c>lines[2].price</c>; null for the whole document.</param>
    /// <param name="options">The options, or null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="NothingToExplainException">The read model or member does not exist.</exception>
    /// <exception cref="InvalidNameException">The path of the member is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="NotAcrossShardsException">There are several shards, and an option contains a position of one
    /// log.</exception>
    /// <exception cref="ShardUnavailableException">A shard is not available.</exception>
    public Task<Explanation> ExplainDocument(
        string readModel,
        string key,
        string? member = null,
        ExplanationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(readModel);
        ArgumentNullException.ThrowIfNull(key);
        options ??= new ExplanationOptions();
        options.Check();
        return _shards.Explain(
            options, store => store.ExplainDocument(readModel, key, member, options, cancellationToken));
    }

    /// <summary>Explains a member of the state of an aggregate or a decider, or the whole state.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="member">The member, <c>lines[2].price</c>; null for the whole state.</param>
    /// <param name="options">The options, or null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="NothingToExplainException">No aggregate or decider has such streams, or its state does not have
    /// the member.</exception>
    /// <exception cref="InvalidNameException">The path of the member is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ShardUnavailableException">The shard of the stream is not available.</exception>
    public async Task<Explanation> ExplainAggregate(
        StreamId stream,
        string? member = null,
        ExplanationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new ExplanationOptions();
        options.Check();
        var (store, shard) = await _shards.FindOf(stream, cancellationToken).ConfigureAwait(false);
        var found = await store.ExplainAggregate(stream, member, options, cancellationToken).ConfigureAwait(false);
        return ShardExplanations.InShard(found, shard);
    }

    /// <summary>
    /// Returns a stream at a position: the state of its aggregate or decider, the documents of its events, and its dead
    /// letters.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="position">The position, or null for now. The result shows the stream immediately after the event at
    /// this position was recorded.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArgumentOutOfRangeException">The position is less than 0.</exception>
    /// <exception cref="ExplanationsBusyException">Other searches of the log did not finish in time.</exception>
    public Task<EntityView> Show(
        StreamId stream,
        long? position = null,
        CancellationToken cancellationToken = default) => Show(stream, MomentOf(position), cancellationToken);

    /// <summary>
    /// Returns a stream at a moment: the state of its aggregate or decider, the documents of its events, and its dead
    /// letters.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="moment">A position, a time, or now.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ExplanationsBusyException">Other searches of the log did not finish in time.</exception>
    public Task<EntityView> Show(
        StreamId stream,
        HistoryMoment moment,
        CancellationToken cancellationToken = default) => Show(stream, moment, SearchLimit.Default, cancellationToken);

    /// <inheritdoc cref="Show(StreamId, HistoryMoment, CancellationToken)"/>
    /// <param name="stream">The stream.</param>
    /// <param name="moment">A position, a time, or now.</param>
    /// <param name="timeLimit">The maximum duration of the search; from 1 ms to 1 h, 30 s in the other overloads. If it
    /// expires, <see cref="EntityView.IsComplete"/> is false.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time limit is too short or too long.</exception>
    public async Task<EntityView> Show(
        StreamId stream, HistoryMoment moment, TimeSpan timeLimit, CancellationToken cancellationToken = default)
    {
        SearchLimit.Check(timeLimit);
        var (store, shard) = await _shards.FindOf(stream, cancellationToken).ConfigureAwait(false);
        var view = await store.Show(stream, moment, timeLimit, cancellationToken).ConfigureAwait(false);
        return ShardExplanations.InShard(view, shard);
    }

    /// <summary>
    /// Compares a stream at two positions. Returns the state, the documents and the dead letters that differ, and the
    /// events between the positions.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="before">The earlier position. The comparison starts immediately after the event at this position
    /// was recorded.</param>
    /// <param name="after">The later position, or null for now.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArgumentOutOfRangeException">A position is less than 0, or the later position is before the
    /// earlier one.</exception>
    /// <exception cref="ExplanationsBusyException">Other searches of the log did not finish in time.</exception>
    public Task<EntityDifference> Compare(
        StreamId stream, long before, long? after = null, CancellationToken cancellationToken = default) =>
        Compare(stream, HistoryMoment.At(before), MomentOf(after), cancellationToken);

    /// <summary>
    /// Compares a stream at two moments. Returns the state, the documents and the dead letters that differ, and the
    /// events between the moments.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="before">The earlier moment.</param>
    /// <param name="after">The later moment.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArgumentOutOfRangeException">The later moment is before the earlier one.</exception>
    /// <exception cref="ExplanationsBusyException">Other searches of the log did not finish in time.</exception>
    public Task<EntityDifference> Compare(
        StreamId stream, HistoryMoment before, HistoryMoment after, CancellationToken cancellationToken = default) =>
        Compare(stream, before, after, SearchLimit.Default, cancellationToken);

    /// <inheritdoc cref="Compare(StreamId, HistoryMoment, HistoryMoment, CancellationToken)"/>
    /// <param name="stream">The stream.</param>
    /// <param name="before">The earlier moment.</param>
    /// <param name="after">The later moment.</param>
    /// <param name="timeLimit">The maximum duration of the search; from 1 ms to 1 h, 30 s in the other overloads. If it
    /// expires, <see cref="EntityDifference.NotCompared"/> contains the parts that were not read to the end.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<EntityDifference> Compare(
        StreamId stream,
        HistoryMoment before,
        HistoryMoment after,
        TimeSpan timeLimit,
        CancellationToken cancellationToken = default)
    {
        SearchLimit.Check(timeLimit);
        var (store, shard) = await _shards.FindOf(stream, cancellationToken).ConfigureAwait(false);
        var found = await store.Compare(stream, before, after, timeLimit, cancellationToken).ConfigureAwait(false);
        return ShardExplanations.InShard(found, shard);
    }

    /// <summary>
    /// Returns the position of the last event that was recorded at or before a time, or 0 before the first event.
    /// </summary>
    /// <exception cref="NotAcrossShardsException">There are several shards. Each has its own log.</exception>
    public ValueTask<long> PositionAt(DateTimeOffset time, CancellationToken cancellationToken = default) =>
        PositionAt(_shards.RequireSingle("A position of all shards cannot be found"), time, cancellationToken);

    /// <summary>
    /// Finds a stream by its name. If no stream has the name, finds the only stream of the same category with a tag
    /// whose value is the key in the name. For example, <c>order-536365</c> finds the order with events tagged
    /// <c>number:536365</c>. Returns null if there is no such stream, or if there are several.
    /// </summary>
    public ValueTask<StreamId?> FindStream(StreamId name, CancellationToken cancellationToken = default) =>
        new StreamFinder(_shards.ListStores()).Find(name, cancellationToken);

    /// <inheritdoc cref="PositionAt(DateTimeOffset, CancellationToken)"/>
    /// <param name="store">The store.</param>
    /// <param name="time">The time.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<long> PositionAt(
        EventStore store, DateTimeOffset time, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        // Timestamps never decrease in the log. The events up to a time are therefore the events before the first later
        // event.
        var later = new LogPageQuery(EventFilter.All with { From = time.AddTicks(1) }, 1, IsBackwards: false, Limit: 1);
        var page = await store.ReadPage(later, cancellationToken).ConfigureAwait(false);
        return page.Events.Count > 0
            ? page.Events[0].Position - 1
            : (await store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
    }

    private static HistoryMoment MomentOf(long? position) =>
        position is { } known ? HistoryMoment.At(known) : HistoryMoment.Now;
}
