using System.Globalization;
using Millrace.Backups;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;

namespace Millrace;

/// <summary>
/// Restores a store from a backup to an empty storage, which can be of another kind, such as PostgreSQL instead of
/// SQLite. The restored log begins a new epoch.
/// </summary>
/// <remarks>
/// The storage is closed to applications until the restore is complete. After an interruption, run the same restore
/// again: it continues.
/// </remarks>
public sealed class StoreRestore
{
    private readonly IObjectStorage _place;
    private readonly string? _passphrase;
    private readonly IStorage _target;
    private readonly IMoveEndpoint _moves;
    private readonly TimeProvider _time;

    /// <summary>Creates a restore. Nothing is read yet.</summary>
    /// <param name="place">The place of the backups.</param>
    /// <param name="target">The storage, which must be empty, and is not open.</param>
    /// <param name="passphrase">The passphrase of the backups; null if they are not encrypted.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <exception cref="ArgumentException">The storage cannot be restored.</exception>
    public StoreRestore(IObjectStorage place, IStorage target, string? passphrase = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(target);
        if (target is not IMovableStorage movable)
            throw new ArgumentException(
                $"{target.Description} cannot be restored. Use SQLite or PostgreSQL.", nameof(target));
        (_place, _target, _moves, _passphrase) = (place, target, movable.Moves, passphrase);
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Gets or sets the number of events after which a transaction is committed, for tests.</summary>
    internal int TransactionEvents { get; init; } = EventTransactions.UsualEvents;

    /// <summary>Lists the sets of a place, ordered by store, epoch and generation.</summary>
    /// <param name="place">The place.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async Task<IReadOnlyList<BackupSet>> List(
        IObjectStorage place, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(place);
        var sets = await BackupContents.List(place, "", cancellationToken).ConfigureAwait(false);
        return [.. sets.Select(BackupSet.Of)];
    }

    /// <summary>Restores a store.</summary>
    /// <param name="set">The set; null for that of <see cref="BackupSet.Latest"/>, if the place contains the
    /// backups of one store.</param>
    /// <param name="point">The point as of which the store is restored; null for the latest one.</param>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Stops the restore. Run it again to continue.</param>
    /// <exception cref="BackupException">The backup cannot restore this point, or the storage is not empty.</exception>
    /// <exception cref="ObjectStorageException">The place failed.</exception>
    /// <exception cref="StorageException">The storage failed.</exception>
    public async Task<RestoreReport> Run(
        BackupSetId? set = null,
        RestorePoint? point = null,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        var sets = await BackupContents.List(_place, "", cancellationToken).ConfigureAwait(false);
        var contents = Choose(sets, set);
        var objects = new BackupPlace(_place, _passphrase, contents.Id.Store);
        try
        {
            var report = await Restore(
                sets, objects, contents, point ?? RestorePoint.Latest, [], progress, cancellationToken)
                .ConfigureAwait(false);
            return report with { Duration = _time.GetElapsedTime(started) };
        }
        catch (BackupException exception) when (exception is { DamagedObject: { } damaged, RestorablePosition: null })
        {
            throw await AddRestorable(exception, damaged, objects, contents, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Checks a backup: reads every object of a set, restores the store to the storage, which should be a temporary
    /// one, and verifies it as <c>millrace verify</c> does. If objects are damaged, restores what is restorable.
    /// </summary>
    /// <param name="set">The set; null for that of <see cref="BackupSet.Latest"/>, if the place contains the
    /// backups of one store.</param>
    /// <param name="point">The point as of which the store is restored; null for the latest one.</param>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <exception cref="BackupException">There is no such set, or the storage is not empty.</exception>
    /// <exception cref="ObjectStorageException">The place failed.</exception>
    /// <exception cref="StorageException">The storage failed.</exception>
    public async Task<BackupCheckReport> Check(
        BackupSetId? set = null,
        RestorePoint? point = null,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        var sets = await BackupContents.List(_place, "", cancellationToken).ConfigureAwait(false);
        var contents = Choose(sets, set);
        var objects = new BackupPlace(_place, _passphrase, contents.Id.Store);
        var check = new BackupCheck(objects, contents, progress);
        await check.Run(cancellationToken).ConfigureAwait(false);
        RestoreReport? restored = null;
        VerifyReport? verification = null;
        string? problem = null;
        try
        {
            restored = await Restore(
                sets, objects, contents, point ?? RestorePoint.Latest, check.Names, progress, cancellationToken)
                .ConfigureAwait(false);
            verification = await _target.Maintenance.Verify(progress, cancellationToken).ConfigureAwait(false);
        }
        catch (BackupException exception)
        {
            problem = exception.Message;
        }
        return new BackupCheckReport
        {
            Set = contents.Id,
            Objects = check.Objects,
            Damaged = check.Damaged,
            Restored = restored is null ? null : restored with { Duration = _time.GetElapsedTime(started) },
            Problem = problem,
            Verification = verification,
            Duration = _time.GetElapsedTime(started),
        };
    }

    private async Task<RestoreReport> Restore(
        IReadOnlyList<BackupContents> sets,
        BackupPlace objects,
        BackupContents contents,
        RestorePoint point,
        HashSet<string> damaged,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken)
    {
        var planner = new RestorePlanner(objects, contents, damaged);
        var state = await _moves.GetState(cancellationToken).ConfigureAwait(false);
        var plan = state.Role == MoveRole.Target
            ? await PlanRest(state.Other, planner, contents, point, cancellationToken).ConfigureAwait(false)
            : await Plan(planner, objects, sets, contents, point, cancellationToken).ConfigureAwait(false);
        if (state.Role != MoveRole.Target && !(state.IsEmpty && state.Role == MoveRole.None))
            throw NotEmpty();
        // The new epoch is written with the rest, so that the store never opens in the epoch of the lost one.
        var epoch = sets.Where(one => one.Id.Store == contents.Id.Store).Max(one => one.Id.Epoch) + 1;
        await _moves.StartTarget(NameOf(contents, plan), cancellationToken).ConfigureAwait(false);
        var run = new RestoreRun(objects, plan, _moves, progress) { TransactionEvents = TransactionEvents };
        await run.Write(contents.Id.Store, epoch, cancellationToken).ConfigureAwait(false);
        await _moves.End(cancellationToken).ConfigureAwait(false);
        await _target.Open(cancellationToken).ConfigureAwait(false);
        var head = await _target.Log.GetHead(cancellationToken).ConfigureAwait(false);
        return new RestoreReport
        {
            Set = contents.Id,
            Head = head,
            Events = run.Events,
            Rows = run.Rows,
            RowsPosition = plan.Copy.Position,
            RemovalsAfterRows = [.. run.RemovalsAfterRows],
            LastEventAt = run.LastEventAt,
            Damaged = plan.Damaged,
            Duration = default,
        };
    }

    /// <summary>Plans a restore. If the set does not permit it, the error names the other sets.</summary>
    private static async Task<RestorePlan> Plan(
        RestorePlanner planner,
        BackupPlace objects,
        IReadOnlyList<BackupContents> sets,
        BackupContents contents,
        RestorePoint point,
        CancellationToken cancellationToken)
    {
        try
        {
            return await planner.Plan(point, cancellationToken).ConfigureAwait(false);
        }
        catch (BackupException exception) when (exception.DamagedObject is null)
        {
            var others = await OtherBackupSets.Describe(objects, sets, contents, point, cancellationToken)
                .ConfigureAwait(false);
            if (others is null)
                throw;
            throw new BackupException($"{exception.Message} {others}", exception);
        }
    }

    /// <summary>Adds to the error of a damaged object the last position that does not need it.</summary>
    private static async Task<BackupException> AddRestorable(
        BackupException exception,
        string damaged,
        BackupPlace objects,
        BackupContents contents,
        CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { damaged };
        try
        {
            var plan = await new RestorePlanner(objects, contents, names)
                .Plan(RestorePoint.Latest, cancellationToken)
                .ConfigureAwait(false);
            return new BackupException(
                $"{exception.Message} Without it, the store can be restored as of position {plan.Position} or earlier, "
                    + "to an empty storage.",
                exception)
            {
                DamagedObject = damaged,
                RestorablePosition = plan.Position,
            };
        }
        catch (BackupException)
        {
            return exception; // Nothing can be restored.
        }
    }

    private BackupContents Choose(IReadOnlyList<BackupContents> sets, BackupSetId? set)
    {
        if (set is not null)
            return sets.FirstOrDefault(one => one.Id == set)
                ?? throw new BackupException($"{_place.Description} contains no backup set {set}.");
        if (sets.Count == 0)
            throw new BackupException($"{_place.Description} contains no backup.");
        if (sets.Any(one => one.Id.Store != sets[0].Id.Store))
            throw new BackupException(
                $"{_place.Description} contains backups of several stores. Choose one of the sets: "
                    + string.Join(", ", sets.Select(one => one.Id)) + ".");
        var latest = BackupSet.Latest([.. sets.Select(BackupSet.Of)]);
        return sets.Single(one => one.Id == latest.Id);
    }

    /// <summary>
    /// Plans to continue an interrupted restore: with its position and table copy, even if the backup has newer ones.
    /// </summary>
    private async Task<RestorePlan> PlanRest(
        string other,
        RestorePlanner planner,
        BackupContents contents,
        RestorePoint point,
        CancellationToken cancellationToken)
    {
        var words = other.Split(' ');
        if (words is not ["backup", var set, "at", var number, "from", var copy]
            || set != contents.Id.ToString()
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            throw NotEmpty();
        if (point != RestorePoint.Latest
            && await planner.Find(point, cancellationToken).ConfigureAwait(false) != position)
            throw NotEmpty();
        return await planner
            .PlanRest(position, $"{contents.Id.Folder}tables/{copy}", cancellationToken)
            .ConfigureAwait(false) ?? throw new BackupException(
                $"{_target.Description} contains the beginning of a restore of position {position}, which backup set "
                    + $"{contents.Id} in {_place.Description} cannot continue: {planner.Reason(position)} Use an empty "
                    + "storage for that.");
    }

    private static string NameOf(BackupContents contents, RestorePlan plan) => string.Create(
        CultureInfo.InvariantCulture,
        $"backup {contents.Id} at {plan.Position} from {plan.Copy.Name[(plan.Copy.Name.LastIndexOf('/') + 1)..]}");

    private BackupException NotEmpty() => new(
        $"{_target.Description} is not empty. A restore does not overwrite it: restore to an empty storage, or remove "
            + "this one first.");
}
