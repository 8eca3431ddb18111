using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The events that consumers could not handle, on all nodes of a store: looked at, tried on copies, tried again,
/// edited, skipped and discarded. Safe to use from several threads.
/// </summary>
/// <remarks>
/// A decision is written to the store, from whatever program, and carried out by the node that runs the consumer,
/// within <see cref="ConsumerOptions.LookEvery"/>. Every decision is recorded in the stream <c>$dead-letters</c>, in
/// the same transaction.
/// </remarks>
public sealed class DeadLetters
{
    private const int MaxShown = 100;
    private const int MaxAttempts = 5;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(25);

    private static readonly DeadLetterState[] Failed = [DeadLetterState.Parked, DeadLetterState.RetryAt];

    private readonly ConsumerHost _host;

    internal DeadLetters(ConsumerHost host) => _host = host;

    private EventStore Store => _host.Store;

    private IDeadLetterStorage DeadLetterStorage => Store.Storage.DeadLetters;

    /// <summary>The dead letters of a store, for tools that run no consumers themselves.</summary>
    /// <param name="store">The store.</param>
    /// <param name="model">The application's model, so that letters of its projections can be simulated; null for
    /// none.</param>
    public static DeadLetters Of(EventStore store, ModelCatalog? model = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        var host = ConsumerHost.Idle(store);
        if (model is not null)
            ProjectionSetup.AddConsumers(host, model.Projections);
        return new DeadLetters(host);
    }

    /// <summary>The open letters that failed, brought together by consumer and cause; the largest groups
    /// first.</summary>
    /// <param name="consumer">Of one consumer; null for all.</param>
    /// <param name="limit">The most groups; 100 by default.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return DeadLetterStorage.ListGroups(consumer, limit, cancellationToken);
    }

    /// <summary>A page of the letters that match, in the order of their numbers.</summary>
    public ValueTask<IReadOnlyList<DeadLetter>> List(
        DeadLetterQuery query, CancellationToken cancellationToken = default)
    {
        Check(query);
        return DeadLetterStorage.List(query, cancellationToken);
    }

    /// <summary>How many letters match.</summary>
    public ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken = default)
    {
        Check(query);
        return DeadLetterStorage.Count(query, cancellationToken);
    }

    /// <summary>A letter with its event and with what waits behind it.</summary>
    /// <exception cref="DeadLetterNotFoundException">There is none of that number.</exception>
    public async ValueTask<DeadLetterView> Show(long id, CancellationToken cancellationToken = default)
    {
        var letter = await Get(id, cancellationToken).ConfigureAwait(false);
        var recorded = await Store.Reader.FindAt(letter.Position, cancellationToken).ConfigureAwait(false);
        if (!letter.IsOpen)
            return new DeadLetterView(letter, recorded, [], 0, null);
        var line = await LineOf(letter, cancellationToken).ConfigureAwait(false);
        var behind = line.Where(one => one.Position > letter.Position).ToList();
        var head = line.Count > 0 && line[0].Position < letter.Position ? line[0] : null;
        return new DeadLetterView(letter, recorded, [.. behind.Take(MaxShown)], behind.Count, head);
    }

    /// <summary>
    /// A letter of a projection as a test in C#, with <c>Millrace.Testing</c> and xunit: given the document as it is
    /// stored, when the event comes, then it passes. It fails as the letter did, until that is mended.
    /// </summary>
    /// <param name="id">The letter's number.</param>
    /// <param name="model">The C# name of the model class that the projection belongs to: <c>Shop.Sales</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DeadLetterNotFoundException">There is none of that number.</exception>
    /// <exception cref="DeadLetterRefusedException">It is not of a projection with documents, its event was removed, or
    /// it is no text.</exception>
    public ValueTask<string> WriteTest(long id, string model, CancellationToken cancellationToken = default) =>
        WriteTest(id, model, handler: null, cancellationToken);

    /// <summary>
    /// A letter as a test in C#, with <c>Millrace.Testing</c> and xunit: of a projection given the document as it is
    /// stored, of a consumer with a handler by handing it the event. It fails as the letter did, until that is mended.
    /// </summary>
    /// <param name="id">The letter's number.</param>
    /// <param name="model">The C# name of the model class: <c>Shop.Sales</c>.</param>
    /// <param name="handler">
    /// A C# expression for the <see cref="ConsumerDefinition"/> of a consumer with a handler: <c>Shop.Mailer.Define(new
    /// FakeMail())</c>; null for a projection.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DeadLetterNotFoundException">There is none of that number.</exception>
    /// <exception cref="DeadLetterRefusedException">It is not of a projection with documents and no handler was named,
    /// its event was removed, or it is no text.</exception>
    public async ValueTask<string> WriteTest(
        long id, string model, string? handler, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        var letter = await Get(id, cancellationToken).ConfigureAwait(false);
        var recorded = await Store.Reader.FindAt(letter.Position, cancellationToken).ConfigureAwait(false)
            ?? throw new DeadLetterRefusedException(id, "its event was removed from the log.");
        var documents = Store.Storage.Documents;
        var isProjection = (await documents.List(cancellationToken).ConfigureAwait(false))
            .Any(collection => collection.Definition.Name == letter.Consumer);
        if (!isProjection)
        {
            return handler is not null
                ? DeadLetterTestWriter.WriteForHandler(letter, recorded, model, handler)
                : throw new DeadLetterRefusedException(
                    id,
                    $"'{letter.Consumer}' is not a projection with documents: name the ConsumerDefinition of its "
                        + $"handler."
                );
        }
        var document = letter.Key.Length == 0
            ? null
            : await documents.Get(letter.Consumer, letter.Key, cancellationToken).ConfigureAwait(false);
        return DeadLetterTestWriter.Write(letter, recorded, document?.Body, model);
    }

    /// <summary>Has one letter tried again, as soon as its consumer sees it.</summary>
    /// <exception cref="DeadLetterNotFoundException">There is none of that number.</exception>
    /// <exception cref="DeadLetterRefusedException">It waits behind another, or was decided about for good.</exception>
    public Task<DeadLetter> Retry(long id, DeadLetterNote note, CancellationToken cancellationToken = default) =>
        Decide(id, DeadLetterDecision.Retry, null, note, cancellationToken);

    /// <summary>Has one letter passed over; what waits behind it goes on. It stays passed over in a rebuild.</summary>
    /// <inheritdoc cref="Retry(long, DeadLetterNote, CancellationToken)"/>
    public Task<DeadLetter> Skip(long id, DeadLetterNote note, CancellationToken cancellationToken = default) =>
        Decide(id, DeadLetterDecision.Skip, null, note, cancellationToken);

    /// <summary>Gives one letter up, and with it all that waits behind it then; the key is free for later
    /// events.</summary>
    /// <inheritdoc cref="Retry(long, DeadLetterNote, CancellationToken)"/>
    public Task<DeadLetter> Discard(long id, DeadLetterNote note, CancellationToken cancellationToken = default) =>
        Decide(id, DeadLetterDecision.Discard, null, note, cancellationToken);

    /// <summary>
    /// Has one letter tried again with another payload; the event in the log stays as it is. One that waits keeps
    /// waiting, and is handled so when its turn comes.
    /// </summary>
    /// <remarks>For an event that is stored as CBOR the payload may be given as JSON, which is turned into
    /// it.</remarks>
    /// <exception cref="ArgumentException">The event is JSON or CBOR, and the payload is not.</exception>
    /// <inheritdoc cref="Retry(long, DeadLetterNote, CancellationToken)"/>
    public Task<DeadLetter> Edit(
        long id, ReadOnlyMemory<byte> payload, DeadLetterNote note, CancellationToken cancellationToken = default) =>
        Decide(id, DeadLetterDecision.Retry, payload, note, cancellationToken);

    /// <summary>Says what would become of letters, without writing anything: on copies of the documents, and with safe
    /// handlers.</summary>
    /// <param name="query">Which letters; those that failed unless it says otherwise.</param>
    /// <param name="fix">What would be done with them; null for trying them as they are.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<DeadLetterSimulation> Simulate(
        DeadLetterQuery query, DeadLetterAction? fix = null, CancellationToken cancellationToken = default)
    {
        var simulator = new DeadLetterSimulator(_host, fix ?? DeadLetterAction.Retry);
        var letters = new List<SimulatedDeadLetter>();
        foreach (var letter in await List(OfFailed(query), cancellationToken).ConfigureAwait(false))
        {
            var recorded = await Store.Reader.FindAt(letter.Position, cancellationToken).ConfigureAwait(false);
            letters.Add(await simulator.Try(letter, recorded, cancellationToken).ConfigureAwait(false));
        }
        return new DeadLetterSimulation(letters);
    }

    /// <summary>Says what would become of one letter, without writing anything.</summary>
    /// <param name="id">The letter's number.</param>
    /// <param name="fix">What would be done with it; null for trying it as it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DeadLetterNotFoundException">There is none of that number.</exception>
    public async Task<SimulatedDeadLetter> Simulate(
        long id, DeadLetterAction? fix = null, CancellationToken cancellationToken = default)
    {
        var letter = await Get(id, cancellationToken).ConfigureAwait(false);
        var recorded = await Store.Reader.FindAt(letter.Position, cancellationToken).ConfigureAwait(false);
        return await new DeadLetterSimulator(_host, fix ?? DeadLetterAction.Retry)
            .Try(letter, recorded, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Says what would become of one letter if <see cref="Edit"/> gave it another payload, without writing anything.
    /// Where the consumer cannot be tried, a payload that its type cannot be read from fails all the same.
    /// </summary>
    /// <param name="id">The letter's number.</param>
    /// <param name="payload">The payload; JSON for CBOR as well.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The event is JSON or CBOR, and the payload is not.</exception>
    /// <exception cref="DeadLetterNotFoundException">There is none of that number.</exception>
    /// <exception cref="DeadLetterRefusedException">Its event was removed from the log.</exception>
    public async Task<SimulatedDeadLetter> SimulateEdit(
        long id, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        var letter = await Get(id, cancellationToken).ConfigureAwait(false);
        var stored = await AsStored(letter, payload, cancellationToken).ConfigureAwait(false);
        var recorded = await Store.Reader.FindAt(letter.Position, cancellationToken).ConfigureAwait(false);
        var tried = await new DeadLetterSimulator(_host, DeadLetterAction.OfPayload(stored))
            .Try(letter, recorded, cancellationToken)
            .ConfigureAwait(false);
        return tried.Outcome == SimulatedOutcome.Unknown && recorded?.With(stored).Data is UnreadableEvent unreadable
            ? new SimulatedDeadLetter(letter, SimulatedOutcome.Fails, unreadable.Reason)
            : tried;
    }

    /// <summary>Does one thing with many letters: as fast as allowed, and not further when too many of them fail
    /// again.</summary>
    /// <param name="query">
    /// Which letters; those that failed unless it says otherwise, from <see cref="DeadLetterQuery.After"/> on. How many
    /// is said by <see cref="DeadLetterReplayOptions.Limit"/>. Those that wait behind others are left out, unless they
    /// are edited.
    /// </param>
    /// <param name="fix">What is done with them.</param>
    /// <param name="note">Who decides, and why.</param>
    /// <param name="options">How fast and how far; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between two steps; what was released stays so.</param>
    /// <exception cref="ArgumentException">Only letters that wait are asked for, but not edited.</exception>
    /// <exception cref="DeadLetterRefusedException">One is of an inline projection, and would be edited or passed
    /// over.</exception>
    /// <exception cref="TimeoutException">Outcomes were to be waited for, but no node works on the
    /// consumer.</exception>
    public Task<DeadLetterReplay> Replay(
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
        return new DeadLetterReplayer(
            Store,
            WithoutWaiting(OfFailed(query), fix),
            fix,
            note,
            options,
            Store.Reader.FindAt,
            new InlineDeadLetterGuard(_host)).Run(cancellationToken);
    }

    /// <summary>
    /// Waits until no letter that matches is open: those decided about have passed, and so has all that waited behind
    /// them. False when that took longer than allowed, as when one has failed again.
    /// </summary>
    /// <param name="query">Which letters; all open ones unless it says otherwise. Name a consumer, and a key where one
    /// is meant.</param>
    /// <param name="wait">How long to wait; <see cref="ConsumerOptions.ReadTimeout"/> by default.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<bool> WaitUntilDone(
        DeadLetterQuery query, TimeSpan? wait = null, CancellationToken cancellationToken = default)
    {
        Check(query);
        var limit = wait ?? _host.Options.ReadTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, TimeSpan.Zero, nameof(wait));
        var open = query.States.Count == 0 ? query with { States = DeadLetter.OpenStates } : query;
        var started = Store.Time.GetTimestamp();
        while (await DeadLetterStorage.Count(open, cancellationToken).ConfigureAwait(false) > 0)
        {
            if (Store.Time.GetElapsedTime(started) >= limit)
                return false;
            await Task.Delay(LookEvery, Store.Time, cancellationToken).ConfigureAwait(false);
        }
        return true;
    }

    private static DeadLetterQuery OfFailed(DeadLetterQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return query.States.Count == 0 ? query with { States = Failed } : query;
    }

    private static DeadLetterQuery WithoutWaiting(DeadLetterQuery query, DeadLetterAction fix)
    {
        if (fix.IsEdit || !query.States.Contains(DeadLetterState.Waiting))
            return query;
        DeadLetterState[] tried = [.. query.States.Where(state => state != DeadLetterState.Waiting)];
        return tried.Length > 0
            ? query with
            {
                States = tried,
            }
            : throw new ArgumentException(
                "Letters that wait have not been tried: decide about those before them.", nameof(query));
    }

    private static void Check(DeadLetterQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Limit is < 1 or > 10_000)
            throw new ArgumentOutOfRangeException(nameof(query), query.Limit, "Limit: must be from 1 to 10,000.");
    }

    private async ValueTask<DeadLetter> Get(long id, CancellationToken cancellationToken) =>
        await DeadLetterStorage.Get(id, cancellationToken).ConfigureAwait(false)
        ?? throw new DeadLetterNotFoundException(id);

    private async ValueTask<List<DeadLetter>> LineOf(DeadLetter letter, CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery
        {
            Consumer = letter.Consumer,
            Key = letter.Key,
            States = DeadLetter.OpenStates,
            Limit = 10_000,
        };
        var line = await DeadLetterStorage
            .List(letter.Key.Length == 0 ? query with { Stream = letter.Stream } : query, cancellationToken)
            .ConfigureAwait(false);
        // Each partition of a consumer has a line of its own for an event whose key nobody knows.
        return [.. line.Where(one => one.Partition == letter.Partition).OrderBy(one => one.Position)];
    }

    private async Task<DeadLetter> Decide(
        long id,
        DeadLetterDecision decision,
        ReadOnlyMemory<byte>? payload,
        DeadLetterNote note,
        CancellationToken cancellationToken)
    {
        DeadLetterNote.Check(note, needsReason: decision != DeadLetterDecision.Retry || payload is not null);
        for (var attempt = 1; ; attempt++)
        {
            var letter = await Get(id, cancellationToken).ConfigureAwait(false);
            await new InlineDeadLetterGuard(_host)
                .Refuse(letter, decision, payload is not null, cancellationToken)
                .ConfigureAwait(false);
            ReadOnlyMemory<byte>? stored =
                payload is { } given && letter.IsOpen
                    ? await AsStored(letter, given, cancellationToken).ConfigureAwait(false)
                    : (ReadOnlyMemory<byte>?)null; // A bare null would become an empty payload.
            var decided = Decided(letter, decision, stored, note, Store.Time.GetUtcNow());
            if (letter.State == DeadLetterState.Waiting && payload is null)
                await RefuseWaiting(letter, cancellationToken).ConfigureAwait(false);
            var name = payload is null ? NameOf(decision) : "edit";
            var request = DeadLetterAudit.RequestOf(Store, [decided], name, note);
            var outcome = await Store.TryCommit(request, isBackground: false, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return decided;
            if (outcome.Refusal is not DeadLetterConflictException || attempt == MaxAttempts)
                throw outcome.Refusal;
        }
    }

    /// <summary>A letter as it stands after a decision.</summary>
    /// <exception cref="DeadLetterRefusedException">It was decided about for good.</exception>
    internal static DeadLetter Decided(
        DeadLetter letter,
        DeadLetterDecision decision,
        ReadOnlyMemory<byte>? payload,
        DeadLetterNote note,
        DateTimeOffset now)
    {
        if (!letter.IsOpen)
            throw new DeadLetterRefusedException(letter.Id, $"it is {letter.State} already, decided by '{letter.By}'.");
        return letter with
        {
            State = letter.State == DeadLetterState.Waiting ? DeadLetterState.Waiting : DeadLetterState.Released,
            RetryAt = null,
            Decision = letter.State == DeadLetterState.Waiting ? null : decision,
            EditedPayload = payload ?? letter.EditedPayload,
            By = note.By,
            Reason = note.Reason,
            DecidedAt = now,
        };
    }

    internal static string NameOf(DeadLetterDecision decision) => decision switch
    {
        DeadLetterDecision.Skip => "skip",
        DeadLetterDecision.Discard => "discard",
        _ => "retry",
    };

    private async ValueTask RefuseWaiting(DeadLetter letter, CancellationToken cancellationToken)
    {
        var line = await LineOf(letter, cancellationToken).ConfigureAwait(false);
        var head = line.Count == 0 || line[0].Id == letter.Id ? "" : $" behind {line[0].Id}";
        throw new DeadLetterRefusedException(
            letter.Id, $"it has not been tried, and waits{head}. Decide about that one.");
    }

    /// <summary>A payload that was given, as what its event is; JSON is taken for CBOR as well.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> AsStored(
        DeadLetter letter, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        Store.Options.Limits.CheckPayload(payload.Length);
        var recorded =
            await Store.Reader.FindAt(letter.Position, cancellationToken).ConfigureAwait(false)
            ?? throw new DeadLetterRefusedException(
                letter.Id, "its event was removed from the log, so that nothing can be edited.");
        return DeadLetterAction.AsStored(payload, recorded.ContentType);
    }
}
