using Millrace.Security;

namespace Millrace.Reporting;

/// <summary>Finds users who sent the commands of two separate duties to the same stream.</summary>
internal sealed class DoneDuties
{
    /// <summary>The maximum number of users and streams that are compared.</summary>
    public const int MaxTracked = 500_000;

    private readonly Dictionary<string, List<(DutyRule Rule, bool IsFirst)>> _commands = new(StringComparer.Ordinal);
    private readonly Dictionary<(DutyRule Rule, StreamId Stream, string User), (long First, long Second)> _done = [];
    private readonly List<DutyConflictRow> _found = [];
    private readonly ReportPeriod _period;

    public DoneDuties(IReadOnlyList<DutyRule> rules, ReportPeriod period)
    {
        _period = period;
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

    /// <summary>Gets whether there were more users and streams than can be compared.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Gets the first violations, in the order of the log.</summary>
    public IReadOnlyList<DutyConflictRow> Found => _found;

    /// <summary>Gets the number of all violations.</summary>
    public long Count { get; private set; }

    public void Observe(RecordedEvent recorded, EventMetadata metadata)
    {
        if (metadata is not { Command: { } command, UserId: { } user }
            || !_commands.TryGetValue(command, out var sides))
            return;
        foreach (var (rule, isFirst) in sides)
        {
            var key = (rule, recorded.Stream, user);
            var isKnown = _done.TryGetValue(key, out var done);
            if (done is { First: > 0, Second: > 0 } || (isFirst ? done.First : done.Second) > 0)
                continue;
            if (!isKnown && _done.Count == MaxTracked)
            {
                IsIncomplete = true;
                continue;
            }
            _done[key] = done = isFirst ? (recorded.Position, done.Second) : (done.First, recorded.Position);
            if (done is { First: > 0, Second: > 0 } && _period.Contains(recorded.Timestamp))
                Report(rule, recorded, user, done);
        }
    }

    private static string? CommandOf(string right) =>
        AccessRights.TryParse(right)?.Rule?.Permission is { Action: AccessAction.Send } permission
            ? permission.Resource
            : null;

    private void Add(string command, DutyRule rule, bool isFirst)
    {
        if (!_commands.TryGetValue(command, out var sides))
            _commands[command] = sides = [];
        sides.Add((rule, isFirst));
    }

    private void Report(DutyRule rule, RecordedEvent recorded, string user, (long First, long Second) done)
    {
        Count++;
        if (_found.Count == ReportFindings.MaxKept)
            return;
        _found.Add(new DutyConflictRow(
            rule.First, rule.Second, DutyConflictRow.Done, $"user:{user}", recorded.Timestamp)
        {
            Stream = recorded.Stream.Value,
            FirstPosition = done.First,
            SecondPosition = done.Second,
        });
    }
}
