namespace Millrace.Storage.Moves;

/// <summary>Whether what stands in the two places of a move allows it.</summary>
internal static class MoveChecks
{
    public static StoreMoveException AlreadyMoving(string store) =>
        new(
            $"Another 'millrace move' is at work on {store}. Two at once would undo each other's work: let that one "
                + $"end, or end it."
        );

    public static StoreMoveException MoveOvertaken(string store) =>
        new(
            $"The connection to {store} was lost that kept others from moving it at the same time. Nothing more was "
                + $"written: run it again, and "
                + "it goes on.");

    /// <exception cref="StoreMoveException">It does not; says why, and what to do.</exception>
    public static void Refuse(string from, MoveState source, string to, MoveState target)
    {
        if (source.Header is not { } header)
            throw new StoreMoveException(
                $"There is no store at {from}, so that none can be moved. Name the one that is in use.");
        var isMovedThere = source.Role == MoveRole.Moved && source.Other == to;
        // What is switched may still have to be opened, or to be told that nothing is to be noted any more.
        var isUnfinished =
            isMovedThere
            && (target.Role == MoveRole.Complete || (target.Role == MoveRole.Source && target.Other == from));
        if (source.Role == MoveRole.Moved && !isUnfinished)
        {
            throw new StoreMoveException(
                $"{from} was moved to {source.Other} already. To move the store on, or back, name that one first.");
        }
        if (source.Role == MoveRole.Source && source.Other != to)
        {
            throw new StoreMoveException(
                $"{from} is being moved to {source.Other}, or its way back there is kept open. End that first; what "
                    + $"was interrupted is "
                + "given up with: millrace move FROM TO --abandon.");
        }
        if (source.Role is MoveRole.Target or MoveRole.Complete)
        {
            throw new StoreMoveException(
                $"{from} is itself being filled from {source.Other}, and is not in use yet. Let that move end first.");
        }
        if (!isMovedThere)
            RefuseTarget(from, header, to, target);
    }

    private static void RefuseTarget(string from, MoveHeader header, string to, MoveState target)
    {
        if (target.Header is not { } there || (target.IsEmpty && target.Role is MoveRole.None or MoveRole.Source))
            return;
        if (there.StoreId != header.StoreId && !target.IsEmpty)
        {
            throw new StoreMoveException(
                $"{to} holds another store ({there.StoreId}) than {from} ({header.StoreId}), and it is not "
                + "overwritten. Name an empty place.");
        }
        if (target.Role is MoveRole.None or MoveRole.Source)
        {
            throw new StoreMoveException(
                $"{to} is a copy of {from} that applications can write to, and was not left behind by a move: it is "
                    + $"not overwritten. "
                + "Name an empty place, or remove that copy.");
        }
        if (there.Epoch > header.Epoch)
        {
            throw new StoreMoveException(
                $"{to} is in epoch {there.Epoch} of its log, and {from} in the earlier {header.Epoch}: {from} was in "
                    + $"use before the last "
                + "restore. Name the store that is in use first.");
        }
        if (there.LastPosition > header.LastPosition)
        {
            throw new StoreMoveException(
                $"{to} ends at position {there.LastPosition}, and {from} before that, at {header.LastPosition}: it "
                    + $"has events that would "
                + "be lost. Name an empty place.");
        }
    }
}
