using Millrace.Security;

namespace Millrace.Reporting;

/// <summary>Finds users who sent the commands of two separate duties to the same stream.</summary>
/// <remarks>
/// At least one of the commands is in the period. The events of the period are observed first, and then the earlier
/// ones, of which only those of the same users and streams count.
/// </remarks>
internal sealed class DoneDuties
{
    /// <summary>The maximum number of users and streams that are compared.</summary>
    public const int MaxTracked = 500_000;

    private readonly Dictionary<string, List<(DutyRule Rule, bool IsFirst)>> _commands = new(StringComparer.Ordinal);
    private readonly Dictionary<(DutyRule Rule, StreamId Stream, string User), DutyDeeds> _deeds = [];
    private readonly List<DutyConflictRow> _found = [];

    public DoneDuties(IReadOnlyList<DutyRule> rules)
    {
        foreach (var rule in rules)
        {
            if (CommandOf(rule.First) is not { } first || CommandOf(rule.Second) is not { } second)
                continue; // Only commands are recorded with events.
            Add(first, rule, isFirst: true);
            Add(second, rule, isFirst: false);
        }
    }

    /// <summary>Gets whether any command must be observed.</summary>
    public bool IsNeeded => _commands.Count > 0;

    /// <summary>Gets whether earlier events must be observed.</summary>
    public bool HasDeeds => _deeds.Count > 0;

    /// <summary>Gets whether the period had more users and streams than can be compared.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Gets the first violations, in the order of the log.</summary>
    public IReadOnlyList<DutyConflictRow> Found => _found;

    /// <summary>Gets the number of all violations.</summary>
    public long Count { get; private set; }

    /// <summary>Observes an event in the period.</summary>
    public void Observe(RecordedEvent recorded, EventMetadata metadata)
    {
        foreach (var (rule, isFirst) in SidesOf(metadata))
        {
            var key = (rule, recorded.Stream, metadata.UserId!); // Not null: it has sides.
            if (!_deeds.TryGetValue(key, out var deeds))
            {
                if (_deeds.Count == MaxTracked)
                {
                    IsIncomplete = true;
                    continue;
                }
                _deeds[key] = deeds = new DutyDeeds();
            }
            deeds.Add(recorded, isFirst);
        }
    }

    /// <summary>Observes an event before the period.</summary>
    public void ObserveBefore(RecordedEvent recorded, EventMetadata metadata)
    {
        foreach (var (rule, isFirst) in SidesOf(metadata))
        {
            if (_deeds.TryGetValue((rule, recorded.Stream, metadata.UserId!), out var deeds))
                deeds.AddBefore(recorded, isFirst);
        }
    }

    /// <summary>Compares the observed events.</summary>
    public void Compare()
    {
        foreach (var ((rule, stream, user), deeds) in _deeds)
        {
            if (deeds.Violation is not { } violation)
                continue;
            Count++;
            if (_found.Count < ReportFindings.MaxKept)
                _found.Add(new DutyConflictRow(
                    rule.First, rule.Second, DutyConflictRow.Done, $"user:{user}", violation.At)
                {
                    Stream = stream.Value,
                    FirstPosition = violation.First,
                    SecondPosition = violation.Second,
                });
        }
        _found.Sort((one, other) => one.Since.CompareTo(other.Since));
    }

    private static string? CommandOf(string right) =>
        AccessRights.TryParse(right)?.Rule?.Permission is { Action: AccessAction.Send } permission
            ? permission.Resource
            : null;

    private List<(DutyRule Rule, bool IsFirst)> SidesOf(EventMetadata metadata) =>
        metadata is { Command: { } command, UserId: not null } && _commands.TryGetValue(command, out var sides)
            ? sides
            : [];

    private void Add(string command, DutyRule rule, bool isFirst)
    {
        if (!_commands.TryGetValue(command, out var sides))
            _commands[command] = sides = [];
        sides.Add((rule, isFirst));
    }
}
