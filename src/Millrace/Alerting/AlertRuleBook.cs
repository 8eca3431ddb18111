using System.Collections.Immutable;
using Millrace.Events;

namespace Millrace.Alerting;

/// <summary>The rules and silences of a store, folded from the events of their stream. Immutable.</summary>
internal sealed record AlertRuleBook
{
    private static readonly TimeSpan SilenceRetention = TimeSpan.FromDays(1);

    public static AlertRuleBook Empty { get; } = new();

    /// <summary>The version of the stream of rules.</summary>
    public long Version { get; private init; }

    public ImmutableDictionary<string, StoredAlertRule> Stored { get; private init; } =
        ImmutableDictionary.Create<string, StoredAlertRule>(StringComparer.Ordinal);

    public ImmutableDictionary<string, AlertSilence> Silences { get; private init; } =
        ImmutableDictionary.Create<string, AlertSilence>(StringComparer.Ordinal);

    /// <summary>The rules that the application declared at its last start; null if it declared none.</summary>
    public IReadOnlyList<DeclaredRule>? Declared { get; private init; }

    public AlertRuleBook Apply(RecordedEvent recorded)
    {
        var next = this with { Version = recorded.Version };
        if (AlertLog.TryRead(recorded) is not { } note)
            return next;
        return recorded.Type switch
        {
            AlertEvents.RulesDeclared => next with { Declared = note.Declared },
            AlertEvents.RuleStored when note is { Rule: { } name, Form: { } form } =>
                next.WithRule(name, form, recorded, note.By),
            AlertEvents.RuleRemoved when note.Rule is { } name => next with { Stored = Stored.Remove(name) },
            AlertEvents.Silenced when note.Silence is { } silence => next with
            {
                // Silences that ended long ago are forgotten, so that the number of them is limited. The end of a
                // silence can be the last possible time, so nothing is added to it.
                Silences = Silences
                    .RemoveRange(Silences.Values
                        .Where(other => other.To < recorded.Timestamp - SilenceRetention).Select(other => other.Id))
                    .SetItem(silence.Id, silence),
            },
            AlertEvents.SilenceEnded when note.SilenceId is { } id => next with { Silences = Silences.Remove(id) },
            _ => next,
        };
    }

    private AlertRuleBook WithRule(string name, AlertRuleForm form, RecordedEvent recorded, string? by)
    {
        try
        {
            var rule = form.ToRule(name);
            var stored = new StoredAlertRule(rule, recorded.Version, by, recorded.Timestamp);
            return this with { Stored = Stored.SetItem(name, stored) };
        }
        catch (AlertRuleException)
        {
            return this; // A later version with stricter rules must still start.
        }
    }
}
