namespace Millrace.Redis;

/// <summary>How a receiver has its part of a group, and keeps it.</summary>
internal interface IGroupLease
{
    /// <summary>The consumer of the group that it reads as.</summary>
    string Consumer { get; }

    /// <summary>Who must have the group's lease for a receiver to change what belongs to it; empty where nobody has it
    /// alone.</summary>
    string Owner { get; }

    /// <summary>Tries to get it; true when it is the receiver's turn.</summary>
    ValueTask<bool> TryTake(CancellationToken cancellationToken);

    /// <summary>Says that the receiver is still there.</summary>
    /// <param name="held">What it has and has not acknowledged.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="RedisConnectionLostException">It is somebody else's by now.</exception>
    ValueTask Renew(IReadOnlyList<EntryId> held, CancellationToken cancellationToken);

    /// <summary>Gives it back, with what was not acknowledged, so that another need not wait.</summary>
    ValueTask Release(IReadOnlyList<EntryId> held, CancellationToken cancellationToken);

    /// <summary>The receiver is closed, whether or not Redis could be told.</summary>
    void Leave();
}
