using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// Replaces the names in a tenant's commit requests by stored names, and the stored names in outcomes by the tenant's
/// names.
/// </summary>
internal sealed class TenantRequestMapper(TenantNames names)
{
    /// <summary>Gets or sets a guard that all requests get; null for none.</summary>
    public StreamGuard? Fence { get; set; }

    public CommitRequest ToStored(CommitRequest own) =>
        new()
        {
            Appends = Each(own.Appends, append => append with { Stream = names.ToStored(append.Stream) }),
            RecordedAt = own.RecordedAt,
            IsAsStored = own.IsAsStored,
            Conditions = Each(
                own.Conditions, condition => new AppendCondition(names.ToStored(condition.Filter), condition.After)),
            Guards = WithFence(Each(own.Guards, guard => guard with { Stream = names.ToStored(guard.Stream) })),
            Claims = Each(own.Claims, ToStored),
            Documents = Each(
                own.Documents, document => document with { Collection = names.ToStored(document.Collection) }),
            Checkpoint = own.Checkpoint is { } move ? move with { Consumer = names.ToStored(move.Consumer) } : null,
            Handled = Each(own.Handled, mark => mark with { Scope = names.ToStored(mark.Scope) }),
            Removals = Each(own.Removals, removal => removal with { Stream = names.ToStored(removal.Stream) }),
            DeadLetters = Each(
                own.DeadLetters, change => change with { DeadLetter = names.ToStored(change.DeadLetter) }),
            Statements = own.Statements.Count == 0 ? [] : throw NoTables(),
        };

    public CommitOutcome ToTenant(CommitOutcome shared) =>
        shared.Refusal is { } refusal ? CommitOutcome.Refused(ToTenant(refusal)) : shared;

    /// <summary>Creates the exception for the application's own tables when tenants share a storage.</summary>
    public static StorageException NoTables() =>
        new(
            "The tenants share one database, and the application's own SQL could reach the rows of all tenants. "
                + "Give each tenant its own database: write {tenant} in its name.",
            StorageProblem.Statement);

    private StreamGuard[] WithFence(StreamGuard[] guards) => Fence is { } fence ? [.. guards, fence] : guards;

    private Claim ToStored(Claim own) => own.IsRelease
        ? Claim.Release(names.ToStored(own.Scope), own.Value, own.Owner)
        : Claim.Acquire(names.ToStored(own.Scope), own.Value, own.Owner);

    /// <summary>Returns a refusal with the tenant's names.</summary>
    private MillraceException ToTenant(MillraceException refusal) =>
        refusal switch
        {
            VersionConflictException conflict when conflict.Stream == Fence?.Stream => new StorageException(
                "The tenant is moving to another shard. Try again in a few seconds.", StorageProblem.Busy),
            VersionConflictException conflict => new VersionConflictException(
                names.ToTenant(conflict.Stream), conflict.Expected, conflict.Actual),
            StreamDeletedException deleted =>
                new StreamDeletedException(names.ToTenant(deleted.Stream), deleted.IsClosed),
            StreamNotFoundException missing => new StreamNotFoundException(names.ToTenant(missing.Stream)),
            EventIdConflictException conflict => new EventIdConflictException(
                names.ToTenant(conflict.Stream), conflict.EventId),
            ConditionFailedException failed => new ConditionFailedException(
                new AppendCondition(names.ToTenant(failed.Condition.Filter), failed.Condition.After), failed.Position),
            ClaimTakenException taken => new ClaimTakenException(names.ToTenant(taken.Scope), taken.Value, taken.Owner),
            DocumentConflictException conflict => new DocumentConflictException(
                names.ToTenant(conflict.Collection), conflict.Key, conflict.Expected, conflict.Actual),
            DeadLetterConflictException conflict => new DeadLetterConflictException(
                names.ToTenant(conflict.Consumer), conflict.Position, conflict.Key),
            LeaseLostException lost =>
                new LeaseLostException(names.ToTenant(lost.Consumer), lost.Partition, lost.Reason),
            _ => refusal,
        };

    private static T[] Each<T>(IReadOnlyList<T> own, Func<T, T> map)
    {
        if (own.Count == 0)
            return [];
        var shared = new T[own.Count];
        for (var i = 0; i < shared.Length; i++)
            shared[i] = map(own[i]);
        return shared;
    }
}
