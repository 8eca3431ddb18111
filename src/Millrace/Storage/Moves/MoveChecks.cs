namespace Millrace.Storage.Moves;

/// <summary>Checks whether the contents of the two storages allow a move.</summary>
internal static class MoveChecks
{
    /// <summary>Throws an exception if the states of the storages do not allow a move.</summary>
    /// <exception cref="StoreMoveException">The move is not allowed. The message contains the reason and a
    /// remedy.</exception>
    public static void ThrowIfRefused(string from, MoveState source, string to, MoveState target)
    {
        if (source.Header is not { } header)
            throw new StoreMoveException(
                $"There is no store at {from}. As FROM, specify the storage that applications use.");
        var isMovedThere = source.Role == MoveRole.Moved && source.Other == to;
        // After the switch, two steps may remain: the target must be opened, or it must stop recording its changes.
        var isUnfinished =
            isMovedThere
            && (target.Role == MoveRole.Complete || (target.Role == MoveRole.Source && target.Other == from));
        if (source.Role == MoveRole.Moved && !isUnfinished)
        {
            throw new StoreMoveException(
                $"{from} was already moved to {source.Other}. To move it again or back, specify that storage as FROM.");
        }
        if (source.Role == MoveRole.Source && source.Other != to)
        {
            throw new StoreMoveException(
                $"{from} is being moved to {source.Other}, or it still records changes for a move back. Finish that "
                + "move first. To cancel an interrupted move, run: millrace move FROM TO --abandon.");
        }
        if (source.Role is MoveRole.Target or MoveRole.Complete)
        {
            throw new StoreMoveException(
                $"{from} is itself being filled from {source.Other}, and is not in use yet. Finish that move first.");
        }
        if (!isMovedThere)
            ThrowIfTargetRefused(from, header, to, target);
    }

    private static void ThrowIfTargetRefused(string from, MoveHeader header, string to, MoveState target)
    {
        if (target.Header is not { } existing || (target.IsEmpty && target.Role is MoveRole.None or MoveRole.Source))
            return;
        if (existing.StoreId != header.StoreId && !target.IsEmpty)
        {
            throw new StoreMoveException(
                $"{to} contains another store ({existing.StoreId}) than {from} ({header.StoreId}). A move does not "
                + "overwrite it. Specify an empty storage as TO.");
        }
        if (target.Role is MoveRole.None or MoveRole.Source)
        {
            throw new StoreMoveException(
                $"{to} is a copy of {from}, and applications can write to it. No move created it, so a move does not "
                + "overwrite it. Specify an empty storage as TO, or remove that copy.");
        }
        if (existing.Epoch > header.Epoch)
        {
            throw new StoreMoveException(
                $"The log of {from} has epoch {header.Epoch}, which is earlier than epoch {existing.Epoch} of {to}. "
                + $"{from} was therefore in use before the last restore. Specify the store that is in use as FROM.");
        }
        if (existing.LastPosition > header.LastPosition)
        {
            throw new StoreMoveException(
                $"{to} ends at position {existing.LastPosition}, but {from} ends at {header.LastPosition}. A move "
                + $"would lose the later events of {to}. Specify an empty storage as TO.");
        }
    }
}
