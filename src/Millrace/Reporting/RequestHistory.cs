using Millrace.Auditing;
using Millrace.Erasing;

namespace Millrace.Reporting;

/// <summary>Reads all erasures and legal holds in one pass, also if some events cannot be read.</summary>
internal sealed class RequestHistory(EventStore store, ReportPeriod period, ReportFindings findings)
{
    private readonly ErasureScope _scope = new(store, "", "");
    private readonly SortedDictionary<string, ErasureRecord> _erasures = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly List<LegalHold> _holds = [];

    /// <summary>Gets the legal holds that are active now.</summary>
    public IReadOnlyList<LegalHold> Holds => [.. _holds.Where(hold => !(hold.Until <= period.Now))];

    /// <summary>Gets the erasures, with those whose certificate was changed.</summary>
    public IEnumerable<(ErasureInfo Erasure, bool IsCertificateChanged)> Erasures =>
        from pair in _erasures
        where pair.Value.Exists
        select (pair.Value.Info, _changed.Contains(pair.Key));

    public async ValueTask Read(CancellationToken cancellationToken)
    {
        var filter = new EventFilter { StreamPrefix = ErasureScope.StreamPrefix };
        await foreach (var (position, recorded) in StoredEventReader
            .Read(store.Stored.Storage.Log, filter, period.Head, cancellationToken).ConfigureAwait(false))
        {
            var note = recorded is null ? null : ErasureLog.TryRead(recorded);
            if (recorded is null || note is null)
                findings.Add(
                    "erasureUnreadable",
                    $"The event at position {position}, of an erasure or a legal hold, cannot be read.",
                    position);
            else if (recorded.Stream == _scope.HoldsStream)
                ErasureLog.Apply(_holds, recorded, note);
            else
                Apply(recorded, note);
        }
    }

    private void Apply(RecordedEvent recorded, ErasureNote note)
    {
        var id = recorded.Stream.Value[ErasureScope.StreamPrefix.Length..];
        if (!_erasures.TryGetValue(id, out var record))
            _erasures.Add(id, record = new ErasureRecord());
        if (note.Certificate is { } certificate && !IsCertificate(certificate))
        {
            _changed.Add(id);
            findings.Add("erasureUnreadable", $"The certificate of the erasure '{id}' was changed.", recorded.Position);
            note = note with { Certificate = null };
        }
        record.Apply(id, recorded, note);
    }

    private static bool IsCertificate(string file)
    {
        try
        {
            _ = ErasureCertificate.Parse(file);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
