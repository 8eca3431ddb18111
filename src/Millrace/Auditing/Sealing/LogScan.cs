using Millrace.Auditing.Merkle;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// Compares the positions of the log in their order with the stored hashes, and with the roots of seals and anchors.
/// </summary>
/// <remarks>
/// Two trees are computed: one from the events, and one from the stored hashes. If they differ, the sealed root shows
/// which of them was changed. A missing event has only its stored hash.
/// </remarks>
/// <param name="findings">Receives the findings.</param>
/// <param name="tiles">The stored hashes.</param>
/// <param name="roots">The roots that the log must have, ordered by their size.</param>
internal sealed class LogScan(FindingList findings, TileChecker tiles, IReadOnlyList<SealedRoot> roots)
{
    private readonly LeafEncoder _leaves = new();
    private readonly List<Mismatch> _mismatches = []; // The first of those after the last checked root.
    private long _otherMismatches;
    private long _end = roots.Count == 0 ? 0 : roots[^1].Size;
    private MerkleFrontier _ofEvents = new();
    private MerkleFrontier _ofTiles = new();
    private long _position;
    private long _intactThrough;
    private int _nextRoot;
    private bool _hasWrongRoot;

    /// <summary>Adds the next event. The positions between the last event and this one were added as missing.</summary>
    public async ValueTask Add(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        _position = recorded.Position;
        if (_position > _end)
            return;
        var stored = await tiles.LeafAt(_position, cancellationToken).ConfigureAwait(false);
        var actual = _leaves.Hash(recorded);
        if (stored is { } hash && hash != actual)
        {
            if (_mismatches.Count < FindingList.MaxKept)
                _mismatches.Add(new Mismatch(
                    _position,
                    $"{recorded.Type}, version {recorded.Version} of '{recorded.Stream}'",
                    hash == _leaves.HashRemoved(_position)));
            else
                _otherMismatches++;
        }
        await Append(actual, stored ?? actual, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the scan early. The following positions and roots are not compared.</summary>
    public void Stop()
    {
        ReportMismatches(SealFindingKind.EventChanged, "differs from its stored hash");
        (_nextRoot, _end) = (roots.Count, 0);
    }

    /// <summary>Adds a position without an event, or with an event that cannot be read.</summary>
    public async ValueTask AddMissing(long position, CancellationToken cancellationToken)
    {
        _position = position;
        if (_position > _end)
            return;
        var stored = await tiles.LeafAt(_position, cancellationToken).ConfigureAwait(false);
        var hash = stored ?? _leaves.HashRemoved(_position);
        await Append(hash, hash, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reports the differences after the last root, and the roots beyond the end of the log.</summary>
    public void Finish()
    {
        ReportMismatches(SealFindingKind.EventChanged, "differs from its stored hash");
        for (; _nextRoot < roots.Count; _nextRoot++)
            findings.Add(
                SealFindingKind.EventMissing,
                $"{roots[_nextRoot].Name} covers the positions up to {roots[_nextRoot].Size}, but the log ends at "
                    + $"{_position}: its end was removed.");
    }

    private async ValueTask Append(Hash256 ofEvent, Hash256 ofTile, CancellationToken cancellationToken)
    {
        _ofEvents.Append(ofEvent);
        _ofTiles.Append(ofTile);
        await tiles.Add(ofTile, cancellationToken).ConfigureAwait(false);
        for (; _nextRoot < roots.Count && roots[_nextRoot].Size <= _position; _nextRoot++)
            CheckRoot(roots[_nextRoot]);
    }

    private void CheckRoot(SealedRoot sealedRoot)
    {
        if (_ofTiles.Root() == sealedRoot.Root)
        {
            ReportMismatches(SealFindingKind.EventChanged, "was changed after it was sealed");
            _ofEvents = _ofTiles.Copy();
        }
        else if (_ofEvents.Root() == sealedRoot.Root)
        {
            ReportMismatches(SealFindingKind.HashChanged, "is intact, but its stored hash was changed");
            _ofTiles = _ofEvents.Copy();
        }
        else
        {
            ReportMismatches(SealFindingKind.EventChanged, "or its stored hash was changed after it was sealed");
            if (!_hasWrongRoot)
                findings.Add(
                    SealFindingKind.RootChanged,
                    $"{sealedRoot.Name}: the positions from {_intactThrough + 1} to {sealedRoot.Size} do not have the "
                        + "sealed root. An event, a stored hash or the seal was changed.");
            _hasWrongRoot = true; // The roots of the following seals are also wrong.
            return;
        }
        (_hasWrongRoot, _intactThrough) = (false, sealedRoot.Size);
    }

    private void ReportMismatches(SealFindingKind kind, string problem)
    {
        foreach (var (position, name, isInserted) in _mismatches)
        {
            if (isInserted)
                findings.Add(
                    SealFindingKind.EventInserted,
                    $"The event at position {position} ({name}) was inserted: there was no event when it was sealed.",
                    position);
            else
                findings.Add(kind, $"The event at position {position} ({name}) {problem}.", position);
        }
        findings.AddUnnamed(_otherMismatches);
        _otherMismatches = 0;
        _mismatches.Clear();
    }

    private readonly record struct Mismatch(long Position, string Name, bool IsInserted);
}
