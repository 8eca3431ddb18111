using System.IO.Compression;

namespace Millrace.Business.Detection;

/// <summary>The detectors of a figure: of the whole, and of some members of its first dimension.</summary>
internal sealed class FigureDetectors
{
    private readonly List<AnomalyDetector> _members;

    public FigureDetectors(IReadOnlyList<string> members)
        : this(members, new AnomalyDetector(), [.. members.Select(static _ => new AnomalyDetector())])
    {
    }

    private FigureDetectors(IReadOnlyList<string> members, AnomalyDetector total, List<AnomalyDetector> states) =>
        (Members, Total, _members) = (members, total, states);

    public IReadOnlyList<string> Members { get; }

    public AnomalyDetector Total { get; }

    public AnomalyDetector Member(int number) => _members[number];

    /// <summary>Returns the detectors of other members. New members have new detectors.</summary>
    public FigureDetectors With(IReadOnlyList<string> members)
    {
        var known = Members.Zip(_members).ToDictionary(StringComparer.Ordinal);
        return new FigureDetectors(
            members, Total, [.. members.Select(name => known.GetValueOrDefault(name) ?? new AnomalyDetector())]);
    }

    /// <summary>Returns stored detectors; null if one is missing or cannot be used.</summary>
    public static async ValueTask<FigureDetectors?> Load(
        KpiMonitorStore store, string kpi, IReadOnlyList<string> members, CancellationToken cancellationToken)
    {
        var all = new List<AnomalyDetector>();
        for (var number = 0; number <= members.Count; number++)
        {
            if (await store.FindState(kpi, number, cancellationToken).ConfigureAwait(false) is not { } state
                || TryLoad(state) is not { } detector)
                return null;
            all.Add(detector);
        }
        return new FigureDetectors(members, all[0], all[1..]);
    }

    public IEnumerable<Storage.DocumentChange> Save(string kpi) => _members
        .Prepend(Total)
        .Select((detector, number) => KpiMonitorStore.Change(kpi, number, Compress(detector.Save())));

    private static AnomalyDetector? TryLoad(byte[] state)
    {
        try
        {
            using var input = new ZLibStream(new MemoryStream(state), CompressionMode.Decompress);
            using var output = new MemoryStream();
            input.CopyTo(output);
            return AnomalyDetector.Load(output.ToArray());
        }
        catch (Exception exception) when (exception is InvalidDataException or AnomalyStateException)
        {
            return null; // Damaged, or of another version. The history is examined again.
        }
    }

    private static byte[] Compress(byte[] state)
    {
        using var output = new MemoryStream();
        using (var input = new ZLibStream(output, CompressionLevel.Fastest, leaveOpen: true))
            input.Write(state);
        return output.ToArray();
    }
}
