using Millrace.Events;

namespace Millrace.Reporting;

/// <summary>The declarations of the application that were in force in a period.</summary>
/// <remarks>
/// The last one applies, with the financial categories and the duties of all of them, so that a changed declaration
/// hides nothing. If there was none before the end of the period, the first later one applies.
/// </remarks>
internal sealed class DeclarationHistory(ReportPeriod period)
{
    private readonly List<(ReportDeclaration Declared, long Position, DateTimeOffset Time)> _inForce = [];
    private readonly List<(ReportDeclaration Declared, long Position, DateTimeOffset Time)> _later = [];
    private readonly List<long> _unreadable = [];

    /// <summary>Gets the combined declaration; null if there is none.</summary>
    public ReportDeclaration? Declared { get; private set; }

    /// <summary>Gets the declarations in force, in the order of the log.</summary>
    public IReadOnlyList<DeclarationRow> Rows =>
        [.. _inForce.Select(entry => DeclarationRow.Of(entry.Declared, entry.Position, entry.Time))];

    public async ValueTask Read(EventStore store, CancellationToken cancellationToken)
    {
        await foreach (var (position, recorded) in SourceReader
            .Read(store, ReportLog.Stream, period.Head, cancellationToken).ConfigureAwait(false))
        {
            if (recorded is not null && recorded.Type != PlatformEvents.ReportsDeclared)
                continue;
            if (recorded is null || ReportDeclaration.TryRead(recorded.Payload.Span) is not { } declared)
                _unreadable.Add(position);
            else
                Add(declared, position, recorded.Timestamp);
        }
        if (_inForce.Count == 0 && _later.Count > 0)
            _inForce.Add(_later[0]);
        if (_inForce.Count == 0)
            return;
        Declared = _inForce[^1].Declared with
        {
            Financial = [.. _inForce.SelectMany(entry => entry.Declared.Financial).Distinct(StringComparer.Ordinal)],
            Duties = [.. _inForce.SelectMany(entry => entry.Declared.Duties).DistinctBy(duty => duty.ToString())],
        };
    }

    /// <summary>Adds the findings about the declarations.</summary>
    public void AddFindings(ReportFindings findings)
    {
        foreach (var position in _unreadable)
            findings.Add(
                "declarationUnreadable", $"The declaration at position {position} cannot be read.", position);
        if (Declared is null)
            return;
        var last = _inForce[^1];
        var removed = NamesOf(Declared).Except(NamesOf(last.Declared), StringComparer.Ordinal).ToArray();
        if (removed.Length > 0)
            findings.Add(
                "declarationReduced",
                $"The application no longer declares: {ReportTexts.Of(removed)}. The report contains them.",
                last.Position);
        var added = _later.SelectMany(entry => NamesOf(entry.Declared))
            .Except(NamesOf(Declared), StringComparer.Ordinal).ToArray();
        if (last.Time >= period.To)
            findings.Add(
                "declaredLater",
                "The application first declared its reports after the end of the period.",
                last.Position);
        else if (added.Length > 0)
            findings.Add(
                "declaredLater",
                $"The application declared after the end of the period: {ReportTexts.Of(added)}. The report does not "
                    + "contain them.");
    }

    private void Add(ReportDeclaration declared, long position, DateTimeOffset time)
    {
        if (time >= period.To)
        {
            _later.Add((declared, position, time));
            return;
        }
        if (period.From is { } from && time <= from)
            _inForce.Clear(); // It replaced the earlier ones before the period.
        _inForce.Add((declared, position, time));
    }

    private static IEnumerable<string> NamesOf(ReportDeclaration declared) =>
        declared.Financial.Concat(declared.Duties.Select(duty => duty.ToString()));
}
