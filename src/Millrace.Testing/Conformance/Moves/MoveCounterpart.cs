using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Testing.Conformance.Moves;

/// <summary>The other storage of a move, in memory. It can only be moved: applications cannot use it.</summary>
internal sealed class MoveCounterpart : IMovableStorage, IMoveEndpoint
{
    private static readonly MoveHeader NewHeader = new(Sample.Id(77), 1, 0, "the conformance suite", 0, 0, 0);

    public MoveContent Content { get; set; } = new();

    /// <summary>
    /// Gets or sets what happens after the mover has copied the first page of documents, outside all transactions of
    /// the storage under test; null for nothing.
    /// </summary>
    public Func<Task>? WhenDocumentsAreCopied { get; set; }

    public string Description => "the storage of the conformance suite";

    public IMoveEndpoint Moves => this;

    public ILogStorage Log => throw NotUsable();

    public IDocumentStorage Documents => throw NotUsable();

    public ILeaseStorage Leases => throw NotUsable();

    public IDeadLetterStorage DeadLetters => throw NotUsable();

    public IMaintenanceStorage Maintenance => throw NotUsable();

    public ValueTask Open(CancellationToken cancellationToken) => throw NotUsable();

    public ValueTask DisposeAsync() => default;

    public ValueTask<MoveState> GetState(CancellationToken cancellationToken)
    {
        var header = Content.Header is null ? null : Content.Header with { LastPosition = Content.LastPosition };
        return new(new MoveState(header, Content.IsEmpty, Content.Role, Content.Other));
    }

    public ValueTask ThrowIfClosed(CancellationToken cancellationToken) =>
        MoveRefusal.Of(Description, Content.Role, Content.Other) is { } refusal ? throw refusal : default;

    public ValueTask StartSource(string other, CancellationToken cancellationToken) => Start(MoveRole.Source, other);

    public ValueTask StartTarget(string other, CancellationToken cancellationToken)
    {
        Content.Header ??= NewHeader;
        return Start(MoveRole.Target, other);
    }

    public ValueTask NoteCollections(CancellationToken cancellationToken) => default;

    public ValueTask RemoveNotes(IReadOnlyList<long> notes, CancellationToken cancellationToken) => default;

    public ValueTask<IMoveSession> OpenSession(MoveSessionKind kind, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(new MoveCounterpartSession(this));
    }

    public ValueTask End(CancellationToken cancellationToken) => Start(MoveRole.None, "");

    private ValueTask Start(MoveRole role, string other)
    {
        (Content.Role, Content.Other) = (role, other);
        return default;
    }

    private static NotSupportedException NotUsable() => new("Applications cannot use this storage.");
}
