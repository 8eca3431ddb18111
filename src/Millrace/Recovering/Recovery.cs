using System.Globalization;
using Millrace.Events;
using Millrace.Recovering;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Shows the faults of a store's application and their recoveries, and starts actions by hand, on whichever node acts.
/// Thread-safe.
/// </summary>
/// <remarks>The stream <c>$recovery</c> records each step.</remarks>
public sealed class Recovery
{
    /// <summary>The maximum number of entries that <see cref="History"/> returns.</summary>
    public const int MaxEntries = 1_000;

    /// <summary>The maximum number of characters of a subject.</summary>
    public const int MaxSubjectCharacters = 256;

    private const int MaxPolledSteps = 200;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private readonly EventStore _store;
    private readonly RecoveryStore _cases;
    private readonly StoreClock _clock;
    private readonly Lazy<Consumers> _consumers;

    internal Recovery(EventStore store, Func<Consumers> getConsumers)
    {
        _store = store;
        _cases = new RecoveryStore(store);
        _clock = new StoreClock(() => store.Storage, store.Time);
        _consumers = new Lazy<Consumers>(getConsumers, LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>
    /// Returns the recovery of a store, for tools. Actions that they start run on a node of the application.
    /// </summary>
    public static Recovery Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Recovery(store, () => Consumers.Of(store));
    }

    /// <summary>
    /// Returns the rules and actions that the application declared at its last start; null if none with
    /// <c>UseRecovery</c> has started.
    /// </summary>
    public async Task<RecoveryInfo?> FindInfo(CancellationToken cancellationToken = default) =>
        await _cases.FindInfo(cancellationToken).ConfigureAwait(false);

    /// <summary>Returns all cases, by the time since which they exist.</summary>
    public async Task<IReadOnlyList<RecoveryCase>> List(CancellationToken cancellationToken = default)
    {
        var all = await _cases.ReadAll(null, cancellationToken).ConfigureAwait(false);
        return [.. all.Values.Select(static one => RecoveryCase.Of(one.Value)).OrderBy(static one => one.Since)];
    }

    /// <summary>Returns the newest steps, newest first.</summary>
    /// <param name="limit">The maximum number of steps, from 1 to 1,000.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<IReadOnlyList<RecoveryEntry>> History(
        int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxEntries);
        return await _cases.ReadHistory(limit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns what an action would do, without doing it.</summary>
    /// <exception cref="RecoveryActionNotFoundException">There is no such action.</exception>
    /// <exception cref="ConsumerNotFoundException">The subject of <see cref="RecoveryCatalogue.RestartConsumer"/> is
    /// not a consumer.</exception>
    public async Task<RecoveryPlan> Plan(
        string action, string? subject = null, CancellationToken cancellationToken = default)
    {
        var known = await Require(action, subject, cancellationToken).ConfigureAwait(false);
        var facts = new List<string>();
        if (action == RecoveryCatalogue.RestartConsumer)
            facts.Add(await FactOf(subject!, cancellationToken).ConfigureAwait(false));
        foreach (var one in await List(cancellationToken).ConfigureAwait(false))
        {
            if (one.Subject == subject && one.State != RecoveryState.Healed)
                facts.Add($"{one.State}: {one.Diagnosis?.Description ?? $"{one.Action}, started by {one.By}."}");
        }
        return new RecoveryPlan(action, known.Description, subject, facts);
    }

    /// <summary>
    /// Requests an action. The node that acts runs it within its interval, after the action that runs now, and checks
    /// the health of the subject 30 seconds afterwards. A request that no node runs within 10 minutes fails.
    /// </summary>
    /// <param name="action">The name of the action.</param>
    /// <param name="subject">What the action changes, such as the name of a consumer; null for the whole
    /// application.</param>
    /// <param name="by">The user who requests it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The case.</returns>
    /// <exception cref="RecoveryBusyException">The same action for the same subject, with the check of its health, has
    /// not ended.</exception>
    /// <inheritdoc cref="Plan"/>
    public async Task<RecoveryCase> Run(
        string action, string? subject, string by, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        await Require(action, subject, cancellationToken).ConfigureAwait(false);
        await _cases.EnsureCollection(cancellationToken).ConfigureAwait(false);
        var key = RecoveryStore.KeyOf(action, subject);
        var found = await _cases.Find(key, cancellationToken).ConfigureAwait(false);
        if (found?.Value is { State: var state })
            throw new RecoveryBusyException(action, subject, state);
        var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
        var record = new RecoveryRecord
        {
            Id = Guid.CreateVersion7(now).ToString("N", CultureInfo.InvariantCulture),
            State = RecoveryState.Requested,
            Subject = subject,
            Since = now,
            Action = action,
            By = by,
        };
        var step = RecoveryStep.Of(
            record, (RecoveryEvents.Requested, RecoveryNote.Of(record) with { Action = action }));
        return await _cases.TryCommit(key, found?.Version ?? 0, step, cancellationToken).ConfigureAwait(false)
            ? RecoveryCase.Of(record)
            : throw new RecoveryBusyException(action, subject, RecoveryState.Requested);
    }

    /// <summary>
    /// Waits until a requested action has ended. Returns its last step, <c>succeeded</c> or <c>failed</c>; null if it
    /// has not ended in time.
    /// </summary>
    /// <param name="id">The id of the case, from <see cref="Run"/>.</param>
    /// <param name="wait">The maximum wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<RecoveryEntry?> WaitFor(
        string id, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        var startedAt = _store.Time.GetTimestamp();
        while (true)
        {
            var steps = await _cases.ReadHistory(MaxPolledSteps, cancellationToken).ConfigureAwait(false);
            if (steps.FirstOrDefault(step => step.Case == id && (step.Kind is "succeeded" or "failed")) is { } ended)
                return ended;
            if (_store.Time.GetElapsedTime(startedAt) >= wait)
                return null;
            await Task.Delay(PollInterval, _store.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<RecoveryActionInfo> Require(
        string action, string? subject, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(action);
        if (subject is { Length: 0 or > MaxSubjectCharacters })
            throw new ArgumentException($"A subject has from 1 to {MaxSubjectCharacters} characters.", nameof(subject));
        var actions = (await _cases.FindInfo(cancellationToken).ConfigureAwait(false))?.Actions ?? [];
        var known = actions.FirstOrDefault(one => one.Name == action)
            ?? throw new RecoveryActionNotFoundException(action, [.. actions.Select(static one => one.Name)]);
        if (action == RecoveryCatalogue.RestartConsumer)
            await _consumers.Value.Get(subject ?? "", cancellationToken).ConfigureAwait(false);
        return known;
    }

    private async ValueTask<string> FactOf(string consumer, CancellationToken cancellationToken)
    {
        var status = await _consumers.Value.Get(consumer, cancellationToken).ConfigureAwait(false);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The consumer '{consumer}' is {status.State} at position {status.Checkpoint}, with {status.LagEvents} "
                + $"later events, {(status.Node is { } node ? $"on the node {node}" : "on no node")}. {status.Error}")
            .TrimEnd();
    }
}
