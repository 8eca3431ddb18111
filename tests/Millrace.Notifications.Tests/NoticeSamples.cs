namespace Millrace.Notifications.Tests;

/// <summary>Notices of tests.</summary>
internal static class NoticeSamples
{
    public static AlertNoticeItem Item { get; } = new()
    {
        Kind = AlertNoticeKind.Fired,
        Alert = "memory-1",
        Rule = "memory",
        State = AlertState.Firing,
        Severity = AlertSeverity.Critical,
        Metric = "memory",
        Node = "n1",
        Value = 0.95,
        Threshold = 0.9,
        FiredAt = AlertSamples.Start,
        At = AlertSamples.Start,
    };

    public static AlertNotice One { get; } = Of(Item);

    public static AlertNotice Of(params AlertNoticeItem[] items) =>
        new() { Id = "0192d3f0", Time = AlertSamples.Start, Items = items };
}
