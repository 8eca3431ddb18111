namespace Millrace.Storage.Moves;

/// <summary>Checks whether the contents of the two storages allow a move.</summary>
internal static class MoveChecks
{
    public static StoreMoveException AlreadyMoving(string store) =>
        new(
            $"Another 'millrace move' is running for {store}. Two moves at the same time would conflict: wait until "
            + "that one ends, or stop it.");

    public static StoreMoveException MoveOvertaken(string store) =>
        new(
            $"The connection to {store} that prevented other moves was lost. Nothing more was written: run the move "
            + "again, and it continues.");

    /// <exception cref="StoreMoveException">The move is not allowed; the message contains the reason and the
    /// fix.</exception>
    public static void Refuse(string from, MoveState source, string to, MoveState target)
    {
        if (source.Header is not { } header)
            throw new StoreMoveException(
                $"There is no store at {from}. Name the storage that is in use.");
        var isMovedThere = source.Role == MoveRole.Moved && source.Other == to;
        // // A switched target may still have to be opened, or its recording of changes to be stopped.
        var isUnfinished =
            isMovedThere
            && (target.Role == MoveRole.Complete || (target.Role == MoveRole.Source && target.Other == from));
        if (source.Role == MoveRole.Moved && !isUnfinished)
        {
            throw new StoreMoveException(
                $"{from} was already moved to {source.Other}. To move it again or back, name that storage first.");
        }
        if (source.Role == MoveRole.Source && source.Other != to)
        {
            throw new StoreMoveException(
                $"{from} is being moved to {source.Other}, or changes are still recorded for a move back. End that "
                + "first. To cancel an interrupted move, run: millrace move FROM TO --abandon.");
        }
        if (source.Role is MoveRole.Target or MoveRole.Complete)
        {
            throw new StoreMoveException(
                $"{from} is itself being filled from {source.Other}, and is not in use yet. Finish that move first.");
        }
        if (!isMovedThere)
            RefuseTarget(from, header, to, target);
    }

    private static void RefuseTarget(string from, MoveHeader header, string to, MoveState target)
    {
        if (target.Header is not { } existing || (target.IsEmpty && target.Role is MoveRole.None or MoveRole.Source))
            return;
        if (existing.StoreId != header.StoreId && !target.IsEmpty)
        {
            throw new StoreMoveException(
                $"{to} contains another store ({existing.StoreId}) than {from} ({header.StoreId}), which is not "
                + "overwritten. Name an empty storage.");
        }
        if (target.Role is MoveRole.None or MoveRole.Source)
        {
            throw new StoreMoveException(
                $"{to} is a copy of {from} that applications can write to, and no move left it there: it is not "
                + "overwritten. Name an empty storage, or remove that copy.");
        }
        if (existing.Epoch > header.Epoch)
        {
            throw new StoreMoveException(
                $"{to} is in epoch {existing.Epoch} of its log, and {from} in the earlier {header.Epoch}: {from} was "
                + "in use before the last restore. Name the store that is in use first.");
        }
        if (existing.LastPosition > header.LastPosition)
        {
            throw new StoreMoveException(
                $"{to} ends at position {existing.LastPosition}, after the end of {from} at {header.LastPosition}: it "
                + "has events that would be lost. Name an empty storage.");
        }
    }
}
