namespace Millrace.Storage.Moves;

/// <summary>
/// Moves a store to another storage while applications use the store. Only one caller may use this object at a time.
/// </summary>
/// <remarks>
/// A move copies the log and all other data, copies the changes that applications write during the copy, and compares
/// the segments of the log with hashes. It then switches the store to the new storage while writers wait. After that,
/// the old storage refuses writes and names the new storage. If the process is killed at any moment, the store is
/// either in the old or in the new storage, never in both. The next run continues the move. Positions, ids, times,
/// checkpoints and consistency tokens do not change.
/// </remarks>
public sealed class StoreMove
{
    /// <summary>The progress step after the first copy, in which only later changes are copied.</summary>
    internal const string ChangesStep = "events, and what changes";

    private const int MaxAttempts = 50;

    private static readonly TimeSpan ShortRoundLimit = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RoundPause = TimeSpan.FromMilliseconds(100);

    private readonly IMovableStorage _from;
    private readonly IMovableStorage _to;
    private readonly StoreMoveOptions _options;
    private readonly TimeProvider _time;

    /// <summary>
    /// Creates a move between two storages. The storages do not have to be open, and the caller still owns them.
    /// </summary>
    /// <param name="from">The store to move.</param>
    /// <param name="to">The target. It must be empty, the target of an earlier unfinished move, or the storage that the
    /// store was moved from.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    /// <exception cref="ArgumentException">A storage cannot be moved, or an option is out of its range.</exception>
    public StoreMove(IStorage from, IStorage to, StoreMoveOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        _from =
            from as IMovableStorage
            ?? throw new ArgumentException($"{from.Description} cannot be moved.", nameof(from));
        _to =
            to as IMovableStorage
            ?? throw new ArgumentException($"No store can be moved to {to.Description}.", nameof(to));
        if (from.Description == to.Description)
            throw new ArgumentException($"{from.Description} cannot be moved to itself.", nameof(to));
        _options = (options ?? new StoreMoveOptions()).Copy();
        if (_options.Problems().ToArray() is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Checks whether the store can be moved and how much data must be copied, and changes nothing.</summary>
    /// <exception cref="StoreMoveException">The store cannot be moved; the message contains the reason.</exception>
    public async Task<StoreMoveReport> Plan(CancellationToken cancellationToken = default)
    {
        var (source, target) = await ReadStates(cancellationToken).ConfigureAwait(false);
        var header = source.Header!; // ReadStates throws an exception if there is no header.
        return Report(source, header) with
        {
            Events = header.LastPosition - (target.IsEmpty ? 0 : target.Header!.LastPosition),
        };
    }

    /// <summary>Moves the store.</summary>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Stops the move. Copied data remains in the target, and the next run continues
    /// with it.</param>
    /// <exception cref="StoreMoveException">The store cannot be moved; the message contains the reason.</exception>
    /// <exception cref="StorageException">One of the two storages failed.</exception>
    public async Task<StoreMoveReport> Run(
        IProgress<MaintenanceProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        var (source, target) = await ReadStates(cancellationToken).ConfigureAwait(false);
        if (source.Role == MoveRole.Moved)
        {
            // The store was switched, but the move was interrupted before its last steps.
            await OpenTarget(cancellationToken).ConfigureAwait(false);
            await _to.Moves.End(cancellationToken).ConfigureAwait(false);
            return Report(source, source.Header!) with { Duration = _time.GetElapsedTime(started) };
        }
        await _from.Moves.StartSource(_to.Description, cancellationToken).ConfigureAwait(false);
        await _to.Moves.StartTarget(_from.Description, cancellationToken).ConfigureAwait(false);
        await SetTargetIdentity(source.Header!, cancellationToken).ConfigureAwait(false);
        var events = new EventCopier(_from.Moves, _to.Moves, _options, progress);
        var rows = new RowCopier(_from.Moves, _to.Moves, progress);
        await events.Copy(cancellationToken).ConfigureAwait(false);
        await events.Compare(cancellationToken).ConfigureAwait(false);
        await rows.CopyAll(cancellationToken).ConfigureAwait(false);
        var round = new MoveRound(_from.Moves, _to.Moves, _options, events, rows);
        var switched = await Switch(round, progress, cancellationToken).ConfigureAwait(false);
        await _to.Moves.End(cancellationToken).ConfigureAwait(false);
        return Report(source, switched.Header) with
        {
            Events = events.Copied,
            Rows = rows.Copied,
            Segments = events.Compared,
            WriterWaitTime = switched.Time,
            Duration = _time.GetElapsedTime(started),
        };
    }

    /// <summary>
    /// Copies writes to the new storage back to the old storage after a move, until the caller cancels. The old storage
    /// remains closed. To move the store back, run a move in the other direction.
    /// </summary>
    /// <param name="progress">Receives the last position that both storages contain; may be null.</param>
    /// <param name="cancellationToken">Ends the replication. The new storage then no longer records changes.</param>
    public async Task ReplicateBack(
        IProgress<MaintenanceProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        await _to.Moves.StartSource(_from.Description, cancellationToken).ConfigureAwait(false);
        await _from.Moves.StartTarget(_to.Description, cancellationToken).ConfigureAwait(false);
        var events = new EventCopier(_to.Moves, _from.Moves, _options, progress: null);
        var rows = new RowCopier(_to.Moves, _from.Moves, progress: null);
        var round = new MoveRound(_to.Moves, _from.Moves, _options, events, rows);
        try
        {
            await rows.CopyAll(cancellationToken).ConfigureAwait(false);
            while (true)
            {
                var position = await round.Run(cancellationToken).ConfigureAwait(false);
                progress?.Report(new MaintenanceProgress(position, position, "in both"));
                await Task.Delay(RoundPause, _time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await EndReplication().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Cancels a move before the switch. The source then no longer records changes. Copied data remains in the target
    /// for the next run, and the target remains closed.
    /// </summary>
    /// <exception cref="StoreMoveException">The store was already moved.</exception>
    public async Task Abandon(CancellationToken cancellationToken = default)
    {
        var source = await _from.Moves.GetState(cancellationToken).ConfigureAwait(false);
        if (source.Role is MoveRole.Moved or MoveRole.Target or MoveRole.Complete)
        {
            throw new StoreMoveException(
                $"{_from.Description} is not in use, so there is no move to cancel. The store is in {source.Other}. "
                + "To go back, move it from there.");
        }
        if (source.Role == MoveRole.Source)
            await _from.Moves.End(cancellationToken).ConfigureAwait(false);
    }

    private async Task<(MoveState Source, MoveState Target)> ReadStates(CancellationToken cancellationToken)
    {
        var source = await _from.Moves.GetState(cancellationToken).ConfigureAwait(false);
        var target = await _to.Moves.GetState(cancellationToken).ConfigureAwait(false);
        MoveChecks.ThrowIfRefused(_from.Description, source, _to.Description, target);
        return (source, target);
    }

    /// <summary>
    /// Sets the identity of the target at the start of the move, so that the next run recognizes the target after an
    /// interruption.
    /// </summary>
    private async Task SetTargetIdentity(MoveHeader header, CancellationToken cancellationToken)
    {
        var session = await _to.Moves.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        await session.SetHeader(header, cancellationToken).ConfigureAwait(false);
        await session.Commit(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Copies changes in rounds until few changes remain, so that writers wait only briefly for the switch. Then
    /// switches.
    /// </summary>
    private async Task<(MoveHeader Header, TimeSpan Time)> Switch(
        MoveRound round, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        for (var attempts = 0; attempts < MaxAttempts;)
        {
            var started = _time.GetTimestamp();
            var position = await round.Run(cancellationToken).ConfigureAwait(false);
            progress?.Report(new MaintenanceProgress(position, position, ChangesStep));
            if (_time.GetElapsedTime(started) >= ShortRoundLimit)
                continue;
            if (await TrySwitch(round, cancellationToken).ConfigureAwait(false) is { } switched)
                return switched;
            attempts++;
        }
        throw new StoreMoveException(
            $"{_from.Description} was not switched, because in {MaxAttempts} attempts its writers would have waited "
            + $"longer than {_options.LongestHold.TotalMilliseconds:N0} ms. The data is copied. Run the move "
            + "again when the load is lower, or allow a longer hold.");
    }

    private async Task<(MoveHeader Header, TimeSpan Time)?> TrySwitch(
        MoveRound round, CancellationToken cancellationToken)
    {
        var source = await TryAcquireFence(cancellationToken).ConfigureAwait(false);
        if (source is null)
            return null;
        await using var _ = source.ConfigureAwait(false);
        var started = _time.GetTimestamp();
        var target = await _to.Moves.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            if (!await round.RunFinal(source, target, cancellationToken).ConfigureAwait(false)
                || _time.GetElapsedTime(started) > _options.LongestHold)
            {
                return null;
            }
            await target.SetRole(MoveRole.Complete, _from.Description, cancellationToken).ConfigureAwait(false);
            await target.Commit(cancellationToken).ConfigureAwait(false);
        }
        var header = await source.GetHeader(cancellationToken).ConfigureAwait(false);
        await source.SetRole(MoveRole.Moved, _to.Description, cancellationToken).ConfigureAwait(false);
        // This commit is the switch. Before this commit, the store is in the old storage. After this commit, the store
        // is in the new storage.
        await source.Commit(cancellationToken).ConfigureAwait(false);
        await OpenTarget(CancellationToken.None).ConfigureAwait(false);
        return (header, _time.GetElapsedTime(started));
    }

    private async Task<IMoveSession?> TryAcquireFence(CancellationToken cancellationToken)
    {
        try
        {
            return await _from.Moves.OpenSession(MoveSessionKind.Fence, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException busy) when (busy.Problem == StorageProblem.Busy)
        {
            await Task.Delay(RoundPause, _time, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    private async Task OpenTarget(CancellationToken cancellationToken)
    {
        var session = await _to.Moves.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        // With the role of a source, the target is open to applications and records all changes.
        await session.SetRole(MoveRole.Source, _from.Description, cancellationToken).ConfigureAwait(false);
        await session.Commit(cancellationToken).ConfigureAwait(false);
    }

    private async Task EndReplication()
    {
        var session = await _from
            .Moves.OpenSession(MoveSessionKind.Write, CancellationToken.None)
            .ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.SetRole(MoveRole.Moved, _to.Description, CancellationToken.None).ConfigureAwait(false);
            await session.Commit(CancellationToken.None).ConfigureAwait(false);
        }
        await _to.Moves.End(CancellationToken.None).ConfigureAwait(false);
    }

    private StoreMoveReport Report(MoveState source, MoveHeader header) => new()
    {
        From = _from.Description,
        To = _to.Description,
        Head = new LogHead(header.Epoch, header.LastPosition),
        NotMoved = source.Foreign,
    };
}
