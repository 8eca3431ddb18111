using Millrace.Aggregates;

namespace Millrace;

/// <summary>Extension methods that run deciders on an event store, without a bus.</summary>
public static class DeciderStoreExtensions
{
    /// <summary>
    /// Loads a stream, decides on its state and appends the decided events. After a conflict with another append, the
    /// method repeats all steps.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="decider">Defines the state.</param>
    /// <param name="stream">The stream; it may not exist yet.</param>
    /// <param name="decide">Returns the events for a state; none if there is nothing to do. Called again after a
    /// conflict.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit starts.</param>
    /// <exception cref="VersionConflictException">Other clients appended first in all four attempts.</exception>
    /// <exception cref="CannotDeserializeException">An event of the stream cannot be read, or has an unknown
    /// type.</exception>
    public static Task<Decision<TState>> Decide<TState>(
        this EventStore store,
        Decider<TState> decider,
        StreamId stream,
        Func<TState, IEnumerable<object>> decide,
        CancellationToken cancellationToken = default)
        where TState : notnull =>
        store.Decide(decider, stream, decide, ConflictRetry.Default, cancellationToken);

    /// <summary>
    /// Loads a stream, decides on its state and appends the decided events. After a conflict with another append, the
    /// method repeats all steps as <paramref name="retry"/> allows.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="decider">Defines the state.</param>
    /// <param name="stream">The stream; it may not exist yet.</param>
    /// <param name="decide">Returns the events for a state; none if there is nothing to do. Called again after a
    /// conflict.</param>
    /// <param name="retry">The number of retries and the delays between them.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit starts.</param>
    /// <exception cref="VersionConflictException">Other clients appended first in all attempts.</exception>
    /// <exception cref="CannotDeserializeException">An event of the stream cannot be read, or has an unknown
    /// type.</exception>
    public static async Task<Decision<TState>> Decide<TState>(
        this EventStore store,
        Decider<TState> decider,
        StreamId stream,
        Func<TState, IEnumerable<object>> decide,
        ConflictRetry retry,
        CancellationToken cancellationToken = default)
        where TState : notnull
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(decider);
        ArgumentNullException.ThrowIfNull(decide);
        ArgumentNullException.ThrowIfNull(retry);
        for (var retries = 0; ; retries++)
        {
            var decided = await Load(store, decider, stream, cancellationToken).ConfigureAwait(false);
            decided.Decide(decide);
            if (decided.Raised.Count == 0)
                return new Decision<TState>(decided.State, decided.LoadedVersion, null);
            var request = new AppendRequest();
            await new LoadedDecider<TState>(stream, decided, LoadedFrom.Store)
                .AddTo(request, cancellationToken)
                .ConfigureAwait(false);
            var outcome = await store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return new Decision<TState>(decided.State, outcome.Placements[0].LastVersion, store.ResultOf(outcome));
            if (outcome.Refusal is not VersionConflictException || retries >= retry.MaxRetries)
                throw outcome.Refusal;
            await retry.Pause(store.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns the state of a stream without a decision.</summary>
    /// <exception cref="CannotDeserializeException">An event of the stream cannot be read, or has an unknown
    /// type.</exception>
    public static async Task<Decision<TState>> LoadState<TState>(
        this EventStore store, Decider<TState> decider, StreamId stream, CancellationToken cancellationToken = default)
        where TState : notnull
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(decider);
        var loaded = await Load(store, decider, stream, cancellationToken).ConfigureAwait(false);
        return new Decision<TState>(loaded.State, loaded.LoadedVersion, null);
    }

    internal static async ValueTask<DecidedStream<TState>> Load<TState>(
        EventStore store, Decider<TState> decider, StreamId stream, CancellationToken cancellationToken)
        where TState : notnull
    {
        var loaded = new DecidedStream<TState>(decider);
        await StreamFold
            .Read(
                store,
                stream,
                1,
                first: null,
                loaded,
                static (to, data, version) => to.Load(data, version),
                cancellationToken)
            .ConfigureAwait(false);
        return loaded;
    }
}
