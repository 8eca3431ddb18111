using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// Replaces the names in a tenant's commit requests by stored names, and the stored names in outcomes by the tenant's
/// names.
/// </summary>
internal sealed class TenantRequestMapper(TenantNames names)
{
    public CommitRequest Shared(CommitRequest own) =>
        new()
        {
            Appends = Each(own.Appends, append => append with { Stream = names.Shared(append.Stream) }),
            RecordedAt = own.RecordedAt,
            Conditions = Each(
                own.Conditions, condition => new AppendCondition(names.Shared(condition.Filter), condition.After)),
            Claims = Each(own.Claims, Shared),
            Documents = Each(
                own.Documents, document => document with { Collection = names.Shared(document.Collection) }),
            Checkpoint = own.Checkpoint is { } move ? move with { Consumer = names.Shared(move.Consumer) } : null,
            Handled = Each(own.Handled, mark => mark with { Scope = names.Shared(mark.Scope) }),
            Removals = Each(own.Removals, removal => removal with { Stream = names.Shared(removal.Stream) }),
            DeadLetters = Each(own.DeadLetters, change => change with { DeadLetter = names.Shared(change.DeadLetter) }),
            Statements = own.Statements.Count == 0 ? [] : throw NoTables(),
        };

    public CommitOutcome Own(CommitOutcome shared) =>
        shared.Refusal is { } refusal ? CommitOutcome.Refused(Own(refusal)) : shared;

    /// <summary>Creates the exception for the application's own tables when tenants share a storage.</summary>
    public static StorageException NoTables() =>
        new(
            "The tenants share one database, and the application's own SQL could reach the rows of all tenants. "
                + "Give each tenant its own database: write {tenant} in its name.",
            StorageProblem.Statement);

    private Claim Shared(Claim own) => own.IsRelease
        ? Claim.Release(names.Shared(own.Scope), own.Value, own.Owner)
        : Claim.Acquire(names.Shared(own.Scope), own.Value, own.Owner);

    /// <summary>Returns a refusal with the tenant's names.</summary>
    private MillraceException Own(MillraceException refusal) =>
        refusal switch
        {
            VersionConflictException conflict => new VersionConflictException(
                names.Own(conflict.Stream), conflict.Expected, conflict.Actual),
            StreamDeletedException deleted => new StreamDeletedException(names.Own(deleted.Stream), deleted.IsClosed),
            StreamNotFoundException missing => new StreamNotFoundException(names.Own(missing.Stream)),
            EventIdConflictException conflict => new EventIdConflictException(
                names.Own(conflict.Stream), conflict.EventId),
            ConditionFailedException failed => new ConditionFailedException(
                new AppendCondition(names.Own(failed.Condition.Filter), failed.Condition.After), failed.Position),
            ClaimTakenException taken => new ClaimTakenException(names.Own(taken.Scope), taken.Value, taken.Owner),
            DocumentConflictException conflict => new DocumentConflictException(
                names.Own(conflict.Collection), conflict.Key, conflict.Expected, conflict.Actual),
            DeadLetterConflictException conflict => new DeadLetterConflictException(
                names.Own(conflict.Consumer), conflict.Position, conflict.Key),
            LeaseLostException lost => new LeaseLostException(names.Own(lost.Consumer), lost.Partition, lost.Reason),
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
