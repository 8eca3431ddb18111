namespace Millrace.Alerting;

/// <summary>The content of an event of alerts. Members that an event type does not have are null.</summary>
internal sealed record AlertNote
{
    public string? Rule { get; init; }

    public AlertRuleForm? Form { get; init; }

    public IReadOnlyList<DeclaredRule>? Declared { get; init; }

    public AlertSilence? Silence { get; init; }

    public string? SilenceId { get; init; }

    public string? AlertId { get; init; }

    public AlertNoticeItem? Alert { get; init; }

    public string? Channel { get; init; }

    public string? Notice { get; init; }

    public IReadOnlyList<string>? Alerts { get; init; }

    public string? By { get; init; }
}

/// <summary>A rule of an application.</summary>
internal sealed record DeclaredRule(string Name, AlertRuleSource Source, AlertRuleForm Form);
