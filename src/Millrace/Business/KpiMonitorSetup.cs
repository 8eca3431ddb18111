namespace Millrace.Business;

/// <summary>The options and channels of an application.</summary>
/// <param name="Options">The options.</param>
/// <param name="Channels">The channels by name.</param>
internal sealed record KpiMonitorSetup(
    KpiMonitorOptions Options, IReadOnlyDictionary<string, INotificationChannel> Channels)
{
    /// <summary>Returns what tools need to know.</summary>
    public KpiMonitorDeclaration ToDeclaration() => new(Options.TimeZone.Id, Options.ReportChannels);
}
