namespace Millrace.Alerting;

/// <summary>The rules and channels of an application, which do not change while it runs.</summary>
/// <param name="Options">The options.</param>
/// <param name="Rules">The rules of code and configuration by name.</param>
/// <param name="Channels">The channels by name.</param>
internal sealed record AlertSetup(
    AlertOptions Options,
    IReadOnlyDictionary<string, DeclaredAlertRule> Rules,
    IReadOnlyDictionary<string, INotificationChannel> Channels)
{
    /// <summary>Returns the form in which the rules are recorded for tools.</summary>
    public IReadOnlyList<DeclaredRule> ToDeclaration() =>
    [
        .. Rules.Values
            .OrderBy(declared => declared.Rule.Name, StringComparer.Ordinal)
            .Select(declared =>
                new DeclaredRule(declared.Rule.Name, declared.Source, AlertRuleForm.Of(declared.Rule))),
    ];
}

/// <summary>A rule of an application with its source.</summary>
internal sealed record DeclaredAlertRule(AlertRule Rule, AlertRuleSource Source);
