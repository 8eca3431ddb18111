using Millrace.Consuming;
using Millrace.DeadLettering;
using Millrace.Projecting;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Lists, simulates, retries, edits, skips and discards the events that consumers could not handle, on all nodes of a
/// store. This class is thread-safe.
/// </summary>
/// <remarks>
/// If the streams of the application are in several shards, the lists contain the dead letters of all shards, and a
/// decision is stored in the shard of the dead letter. All selected shards must be available.
/// <para>
/// Any program can store a decision. The node that runs the consumer carries it out within
/// <see cref="ConsumerOptions.LookEvery"/>. Every decision is recorded in the stream <c>$dead-letters</c>,
/// in the same transaction.
/// </para>
/// </remarks>
public sealed class DeadLetters
{
    /// <summary>How often the outcome of a decision is read while a caller waits for it.</summary>
    internal static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    private static readonly DeadLetterState[] Failed = [DeadLetterState.Parked, DeadLetterState.RetryAt];

    private readonly ShardHosts _hosts;

    internal DeadLetters(ConsumerHost host)
        : this(new ShardHosts(host))
    {
    }

    internal DeadLetters(ShardHosts hosts) => _hosts = hosts;

    /// <summary>Creates an instance for the dead letters of a store, for tools that do not run consumers.</summary>
    /// <param name="store">The store.</param>
    /// <param name="model">The application's model, to simulate dead letters of its projections; null for none.</param>
    public static DeadLetters Of(EventStore store, ModelCatalog? model = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        var host = ConsumerHost.Idle(store);
        if (model is not null)
            ProjectionSetup.AddConsumers(host, model.Projections);
        return new DeadLetters(host);
    }

    /// <summary>Returns the open dead letters that failed, grouped by consumer and cause,
    /// the largest groups first. With shards, the groups of each shard are separate.</summary>
    /// <param name="consumer">The name of one consumer; null for all.</param>
    /// <param name="limit">The maximum number of groups; 100 by default.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var all = await FromAll(
            StoresOf(new DeadLetterQuery()), stored => stored.ListGroups(consumer, limit, cancellationToken))
            .ConfigureAwait(false);
        return all is [var single]
            ? single
            :
            [
                .. all.SelectMany(static groups => groups)
                    .OrderByDescending(static group => group.DeadLetters)
                    .ThenBy(static group => group.Sample.Id)
                    .Take(limit),
            ];
    }

    /// <summary>
    /// Returns a page of the dead letters that match, ordered by id. With shards, those of the home shard come first.
    /// </summary>
    /// <exception cref="ShardUnavailableException">A shard is not available. Select the dead letters of another one
    /// with <see cref="DeadLetterQuery.Shard"/>.</exception>
    /// <exception cref="ShardNotFoundException">The query names a shard that does not exist.</exception>
    /// <exception cref="NotAcrossShardsException">There are several shards, and the query contains a
    /// position.</exception>
    public async ValueTask<IReadOnlyList<DeadLetter>> List(
        DeadLetterQuery query, CancellationToken cancellationToken = default)
    {
        Check(query);
        var stores = StoresOf(query);
        if (stores is [var single])
            return await single.Stored.List(query, cancellationToken).ConfigureAwait(false);
        var found = new List<DeadLetter>();
        foreach (var store in stores)
        {
            if (found.Count == query.Limit)
                break;
            var page = query with { Limit = query.Limit - found.Count };
            found.AddRange(await store.Stored.List(page, cancellationToken).ConfigureAwait(false));
        }
        return found;
    }

    /// <summary>Returns the number of dead letters that match.</summary>
    /// <inheritdoc cref="List"/>
    public async ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken = default)
    {
        Check(query);
        var all = await FromAll(StoresOf(query), stored => stored.Count(query, cancellationToken))
            .ConfigureAwait(false);
        return all.Sum();
    }

    /// <summary>Returns a dead letter with its event, and the dead letters that wait for it.</summary>
    /// <exception cref="DeadLetterNotFoundException">No dead letter has that id.</exception>
    public ValueTask<DeadLetterView> Show(long id, CancellationToken cancellationToken = default) =>
        StoreOf(id).Show(id, cancellationToken);

    /// <summary>
    /// Returns a dead letter of a projection as a C# test with <c>Millrace.Testing</c> and xunit. The test applies the
    /// event to the stored document and expects it to succeed. It fails like the event until the error is fixed.
    /// </summary>
    /// <param name="id">The id of the dead letter.</param>
    /// <param name="model">The C# name of the model class of the projection, such as <c>Shop.Sales</c>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="DeadLetterNotFoundException">No dead letter has that id.</exception>
    /// <exception cref="DeadLetterRefusedException">The consumer is not a projection with documents, or the event was
    /// removed or is not text.</exception>
    public ValueTask<string> WriteTest(long id, string model, CancellationToken cancellationToken = default) =>
        WriteTest(id, model, handler: null, cancellationToken);

    /// <summary>
    /// Returns a dead letter as a C# test with <c>Millrace.Testing</c> and xunit. The test of a projection starts with
    /// the stored document. The test of a handler calls the handler with the event. It fails like the event until the
    /// error is fixed.
    /// </summary>
    /// <param name="id">The id of the dead letter.</param>
    /// <param name="model">The C# name of the model class, such as <c>Shop.Sales</c>.</param>
    /// <param name="handler">
    /// A C# expression for the <see cref="ConsumerDefinition"/> of a consumer with a handler, such as
    /// <c>Shop.Mailer.Define(new FakeMail())</c>; null for a projection.
    /// </param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="DeadLetterNotFoundException">No dead letter has that id.</exception>
    /// <exception cref="DeadLetterRefusedException">The consumer is not a projection with documents and no handler was
    /// named, or the event was removed or is not text.</exception>
    public ValueTask<string> WriteTest(
        long id, string model, string? handler, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return StoreOf(id).WriteTest(id, model, handler, cancellationToken);
    }

    /// <summary>Retries a dead letter as soon as its consumer reads the decision.</summary>
    /// <exception cref="DeadLetterNotFoundException">No dead letter has that id.</exception>
    /// <exception cref="DeadLetterRefusedException">The dead letter waits for another one, or is no longer
    /// open.</exception>
    public Task<DeadLetter> Retry(long id, DeadLetterNote note, CancellationToken cancellationToken = default) =>
        StoreOf(id).Decide(id, DeadLetterDecision.Retry, null, note, cancellationToken);

    /// <summary>
    /// Skips a dead letter, so that the events that wait for it continue. A rebuild also skips its event.
    /// </summary>
    /// <inheritdoc cref="Retry(long, DeadLetterNote, CancellationToken)"/>
    public Task<DeadLetter> Skip(long id, DeadLetterNote note, CancellationToken cancellationToken = default) =>
        StoreOf(id).Decide(id, DeadLetterDecision.Skip, null, note, cancellationToken);

    /// <summary>
    /// Discards a dead letter and all dead letters that currently wait for it. The consumer handles later events of the
    /// key again.
    /// </summary>
    /// <inheritdoc cref="Retry(long, DeadLetterNote, CancellationToken)"/>
    public Task<DeadLetter> Discard(long id, DeadLetterNote note, CancellationToken cancellationToken = default) =>
        StoreOf(id).Decide(id, DeadLetterDecision.Discard, null, note, cancellationToken);

    /// <summary>
    /// Retries a dead letter with another payload. The event in the log is unchanged. A waiting dead letter continues
    /// to wait. The consumer handles it with the new payload after earlier dead letters of its key.
    /// </summary>
    /// <remarks>For an event that is stored as CBOR, the payload may be JSON, which is converted.</remarks>
    /// <exception cref="ArgumentException">The event is JSON or CBOR, and the payload is not.</exception>
    /// <inheritdoc cref="Retry(long, DeadLetterNote, CancellationToken)"/>
    public Task<DeadLetter> Edit(
        long id, ReadOnlyMemory<byte> payload, DeadLetterNote note, CancellationToken cancellationToken = default) =>
        StoreOf(id).Decide(id, DeadLetterDecision.Retry, payload, note, cancellationToken);

    /// <summary>
    /// Simulates an action on dead letters without writing. Uses copies of the documents, and handlers that are
    /// declared safe to simulate.
    /// </summary>
    /// <param name="query">Selects the dead letters; by default those that failed.</param>
    /// <param name="fix">The action to simulate; null for a retry.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<DeadLetterSimulation> Simulate(
        DeadLetterQuery query, DeadLetterAction? fix = null, CancellationToken cancellationToken = default)
    {
        var selected = SelectFailedByDefault(query);
        Check(selected);
        var results = new List<SimulatedDeadLetter>();
        foreach (var store in StoresOf(selected))
        {
            if (results.Count == selected.Limit)
                break;
            var page = selected with { Limit = selected.Limit - results.Count };
            results.AddRange(
                await store.Simulate(page, fix ?? DeadLetterAction.Retry, cancellationToken).ConfigureAwait(false));
        }
        return new DeadLetterSimulation(results);
    }

    /// <summary>Simulates an action on one dead letter without writing.</summary>
    /// <param name="id">The id of the dead letter.</param>
    /// <param name="fix">The action to simulate; null for a retry.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="DeadLetterNotFoundException">No dead letter has that id.</exception>
    public Task<SimulatedDeadLetter> Simulate(
        long id, DeadLetterAction? fix = null, CancellationToken cancellationToken = default) =>
        StoreOf(id).Simulate(id, fix ?? DeadLetterAction.Retry, cancellationToken);

    /// <summary>
    /// Simulates <see cref="Edit"/> on one dead letter without writing. If the payload cannot be read as the event
    /// type, the result is a failure, even if the consumer cannot be simulated.
    /// </summary>
    /// <param name="id">The id of the dead letter.</param>
    /// <param name="payload">The payload; may be JSON for a CBOR event.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArgumentException">The event is JSON or CBOR, and the payload is not.</exception>
    /// <exception cref="DeadLetterNotFoundException">No dead letter has that id.</exception>
    /// <exception cref="DeadLetterRefusedException">Its event was removed from the log.</exception>
    public Task<SimulatedDeadLetter> SimulateEdit(
        long id, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) =>
        StoreOf(id).SimulateEdit(id, payload, cancellationToken);

    /// <summary>
    /// Applies one action to many dead letters at a limited rate. Stops if too many of them fail again.
    /// </summary>
    /// <param name="query">Selects the dead letters; by default those that failed, after
    /// <see cref="DeadLetterQuery.After"/>. <see cref="DeadLetterReplayOptions.Limit"/> is the maximum number. Dead
    /// letters that wait for others are not included, unless the action edits them.</param>
    /// <param name="fix">The action.</param>
    /// <param name="note">The user who decides, and the reason.</param>
    /// <param name="options">The rate and the limits; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between two steps. Released dead letters remain released.</param>
    /// <exception cref="ArgumentException">The query selects only waiting dead letters, and the action
    /// does not edit them.</exception>
    /// <exception cref="DeadLetterRefusedException">A dead letter of an inline projection would be
    /// edited or skipped.</exception>
    /// <exception cref="TimeoutException">The outcomes were awaited, but no node runs the consumer.</exception>
    public async Task<DeadLetterReplay> Replay(
        DeadLetterQuery query,
        DeadLetterAction fix,
        DeadLetterNote note,
        DeadLetterReplayOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fix);
        DeadLetterNote.Check(note, needsReason: fix.Decision != DeadLetterDecision.Retry || fix.IsEdit);
        options ??= new DeadLetterReplayOptions();
        options.Check();
        var selected = WithoutWaiting(SelectFailedByDefault(query), fix);
        var shards = ShardsOf(selected);
        var progress = new DeadLetterReplayProgress(shards[0].Host.Store.Time.GetTimestamp());
        await ShardHosts
            .Change(
                "The replay of dead letters",
                shards,
                shard => new StoreDeadLetters(shard)
                    .Replay(selected, fix, note, options, progress, cancellationToken))
            .ConfigureAwait(false);
        return progress.ToResult();
    }

    /// <summary>
    /// Waits until no matching dead letter is open. The events of the dead letters and the events that waited for them
    /// have then succeeded. Returns false after the timeout, for example if an event has failed again.
    /// </summary>
    /// <param name="query">Selects the dead letters; by default all open ones. Name the consumer, and the key if there
    /// is one.</param>
    /// <param name="wait">The timeout; <see cref="ConsumerOptions.ReadTimeout"/> by default.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<bool> WaitUntilDone(
        DeadLetterQuery query, TimeSpan? wait = null, CancellationToken cancellationToken = default)
    {
        Check(query);
        var home = ShardsOf(query)[0].Host;
        var limit = wait ?? home.Options.ReadTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, TimeSpan.Zero, nameof(wait));
        var openQuery = query.States.Count == 0 ? query with { States = DeadLetter.OpenStates } : query;
        var time = home.Store.Time;
        var started = time.GetTimestamp();
        while (await Count(openQuery, cancellationToken).ConfigureAwait(false) > 0)
        {
            if (time.GetElapsedTime(started) >= limit)
                return false;
            await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
        return true;
    }

    private static Task<TResult[]> FromAll<TResult>(
        IReadOnlyList<StoreDeadLetters> stores, Func<IDeadLetterStorage, ValueTask<TResult>> read) =>
        Task.WhenAll(stores.Select(store => read(store.Stored).AsTask()));

    private IReadOnlyList<StoreDeadLetters> StoresOf(DeadLetterQuery query) =>
        [.. ShardsOf(query).Select(static shard => new StoreDeadLetters(shard))];

    /// <summary>Returns the shards that a query selects. All of them are available.</summary>
    private IReadOnlyList<ShardHost> ShardsOf(DeadLetterQuery query)
    {
        var shards = _hosts.RequireAll(query.Shard);
        return shards.Count == 1 || query.AfterPosition == 0
            ? shards
            : throw new NotAcrossShardsException(
                $"Dead letters after the position {query.AfterPosition} cannot be selected",
                "Positions belong to the log of one shard: name the shard in the query.");
    }

    private StoreDeadLetters StoreOf(long id)
    {
        // The ids of a store without shards can have any value.
        var shard = _hosts.Names is [null] ? _hosts.FindAt(0) : _hosts.FindAt(DeadLetterId.ShardOf(id));
        return new StoreDeadLetters(shard ?? throw new DeadLetterNotFoundException(id));
    }

    private static DeadLetterQuery SelectFailedByDefault(DeadLetterQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return query.States.Count == 0 ? query with { States = Failed } : query;
    }

    private static DeadLetterQuery WithoutWaiting(DeadLetterQuery query, DeadLetterAction fix)
    {
        if (fix.IsEdit || !query.States.Contains(DeadLetterState.Waiting))
            return query;
        DeadLetterState[] triedStates = [.. query.States.Where(state => state != DeadLetterState.Waiting)];
        return triedStates.Length > 0
            ? query with { States = triedStates }
            : throw new ArgumentException(
                "Waiting dead letters have not been tried: decide about the ones that they wait for.", nameof(query));
    }

    private static void Check(DeadLetterQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Limit is < 1 or > 10_000)
            throw new ArgumentOutOfRangeException(nameof(query), query.Limit, "Limit: must be from 1 to 10,000.");
    }
}
