namespace Millrace.Notifications.Tests;

/// <summary>Rules and samples of tests.</summary>
internal static class AlertSamples
{
    public static DateTimeOffset Start { get; } = new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static AlertRule Rule { get; } = new()
    {
        Name = "busy",
        Metric = MonitorMetrics.Cpu,
        Threshold = 10,
        For = TimeSpan.FromSeconds(30),
        ResolveAfter = TimeSpan.FromSeconds(30),
        Channels = ["first"],
    };

    /// <summary>Gets a rule that fires and resolves at once.</summary>
    public static AlertRule Immediate { get; } = Rule with { For = TimeSpan.Zero, ResolveAfter = TimeSpan.Zero };

    public static MetricSample Of(double value, string node = "n1", string? subject = null) => new()
    {
        Metric = MonitorMetrics.Cpu,
        Node = node,
        Subject = subject,
        Time = Start,
        Value = value,
    };
}
