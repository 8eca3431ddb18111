using System.Security.Cryptography;
using System.Text;
using Millrace.Auditing.Merkle;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>Reads and checks the seals of a log, in their order. Keeps what later checks need.</summary>
internal sealed class SealChain(FindingList findings, IReadOnlyList<byte[]> trustedKeys)
{
    private readonly Dictionary<long, int> _indexes = []; // The index of the first entry of each number.
    private readonly Dictionary<Hash256, byte[]> _keys = [];
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<Hash256, (long Seals, long Number, long Position)> _unknownKeys = [];

    /// <summary>Gets the last seal; null if there is none.</summary>
    public Seal? Last { get; private set; }

    /// <summary>Gets the seals in the order of the log.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>Gets the public keys that signed, by their ids.</summary>
    public IReadOnlyDictionary<Hash256, byte[]> Keys => _keys;

    /// <summary>Reads the seals from one position through another. The records must be at least as new.</summary>
    public async ValueTask Read(
        ILogStorage log, long from, long through, RemovalRecords removals, CancellationToken cancellationToken)
    {
        var filter = EventFilter.OfTypes(PlatformEvents.SealMade);
        await foreach (var item in new RobustReader(log).Read(filter, from, through, cancellationToken)
            .ConfigureAwait(false))
        {
            // An event that cannot be read is reported by the scan of the whole log.
            if (item.Event is { } recorded && recorded.Stream == SealStore.Stream)
                Add(recorded, removals);
        }
    }

    /// <summary>Reports each unknown key once, with the number of its seals.</summary>
    public void ReportUnknownKeys()
    {
        foreach (var (key, (seals, number, position)) in _unknownKeys)
            findings.Add(
                SealFindingKind.KeyUnknown,
                $"{(seals == 1 ? "1 seal is" : $"{seals} seals are")} signed with the unknown key {key}. The first is "
                    + $"seal {number} at position {position}.",
                position);
    }

    /// <summary>Returns the seal with a number; null if there is none.</summary>
    public Entry? Find(long number) => _indexes.TryGetValue(number, out var index) ? _entries[index] : null;

    /// <summary>Returns a hash over all values of a seal, including its signature.</summary>
    public static Hash256 IdentityOf(Seal seal)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(seal.Text));
        hash.AppendData(SHA256.HashData(seal.PublicKey.Span));
        hash.AppendData(seal.Signature.Span);
        return new Hash256(hash.GetHashAndReset());
    }

    /// <summary>Returns the problem of a seal's key or signature; null if both are valid.</summary>
    public (SealFindingKind Kind, string Problem)? ProblemOfSignature(Seal seal)
    {
        if (SealSigner.IdOf(seal.PublicKey.Span) != seal.Key)
            return (SealFindingKind.SealInvalid, "the id of its key does not belong to its public key");
        if (trustedKeys.Count > 0 && !trustedKeys.Any(key => seal.PublicKey.Span.SequenceEqual(key)))
            return (SealFindingKind.KeyUnknown, $"it is signed with the unknown key {seal.Key}");
        return seal.IsSignedBy(seal.PublicKey.Span) ? null : (SealFindingKind.SealInvalid, "its signature is wrong");
    }

    private void Add(RecordedEvent recorded, RemovalRecords removals)
    {
        if (!SealJson.TryRead(recorded.Payload, out var seal))
        {
            findings.Add(
                SealFindingKind.SealInvalid,
                $"The event at position {recorded.Position} in '{SealStore.Stream}' is not a seal.",
                recorded.Position);
            return;
        }
        Check(seal, recorded, removals);
        _keys.TryAdd(seal.Key, seal.PublicKey.ToArray());
        _indexes.TryAdd(seal.Number, _entries.Count);
        _entries.Add(new Entry(
            seal.Number, recorded.Position, seal.Size, seal.Root, seal.Removals.Count, IdentityOf(seal)));
        Last = seal;
    }

    private void Check(Seal seal, RecordedEvent recorded, RemovalRecords removals)
    {
        void Report(SealFindingKind kind, string problem) =>
            findings.Add(kind, $"Seal {seal.Number} at position {recorded.Position}: {problem}.", recorded.Position);

        if (ProblemOfSignature(seal) is { } signature)
        {
            if (signature.Kind == SealFindingKind.KeyUnknown)
                _unknownKeys[seal.Key] = _unknownKeys.TryGetValue(seal.Key, out var counted)
                    ? counted with { Seals = counted.Seals + 1 }
                    : (1, seal.Number, recorded.Position);
            else
                Report(signature.Kind, signature.Problem);
        }
        var before = Last?.Number ?? 0;
        if (seal.Number != before + 1)
            Report(SealFindingKind.SealMissing, $"the seal before it has number {before}");
        else if (seal.Previous != (Last?.Hash ?? default))
            Report(SealFindingKind.SealInvalid, "it does not continue the seal before it");
        if (recorded.Version != seal.Number)
            Report(SealFindingKind.SealMissing, $"its version in the stream is {recorded.Version}");
        if (Last is { } last && (seal.Log != last.Log || seal.Epoch < last.Epoch))
            Report(SealFindingKind.SealInvalid, "it belongs to another log, or to an earlier epoch of the log");
        if (seal.Size <= (Last?.Size ?? 0) || seal.Size >= recorded.Position)
            Report(SealFindingKind.SealInvalid, $"it cannot cover the positions up to {seal.Size}");
        if (removals.HashOf(seal.Removals.Count) != seal.Removals.Hash)
            Report(
                SealFindingKind.RemovalsChanged,
                $"its {seal.Removals.Count} records of removals were changed, added or removed afterwards");
    }

    /// <summary>What is kept of a seal.</summary>
    /// <param name="Number">The number.</param>
    /// <param name="Position">The position of its event.</param>
    /// <param name="Size">The last sealed position.</param>
    /// <param name="Root">The root.</param>
    /// <param name="Removals">The number of records of removals.</param>
    /// <param name="Identity">The hash of all values.</param>
    internal readonly record struct Entry(
        long Number, long Position, long Size, Hash256 Root, long Removals, Hash256 Identity);
}
