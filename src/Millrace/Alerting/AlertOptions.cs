namespace Millrace;

/// <summary>The options of alerts.</summary>
public sealed class AlertOptions
{
    /// <summary>
    /// Gets or sets the interval at which one node evaluates the rules; from 1 second to 5 minutes, 15 seconds by
    /// default.
    /// </summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gets or sets the minimum time between two notices to a channel. Alerts that change in between are sent together;
    /// from 0 to 1 hour, 1 minute by default.
    /// </summary>
    public TimeSpan GroupInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets the maximum time for one attempt to send a notice; from 1 second to 5 minutes, 30 seconds by
    /// default.
    /// </summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the maximum time between two attempts to send a notice, which grows from
    /// <see cref="Interval"/>; from 1 second to 1 hour, 10 minutes by default.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets the channels of rules without channels; <c>log</c> by default.</summary>
    public IReadOnlyList<string> Channels { get; set; } = ["log"];

    /// <summary>
    /// Gets or sets whether the rules of <see cref="AlertCatalogue"/> are added; true by default.
    /// </summary>
    public bool UsesCatalogue { get; set; } = true;

    /// <summary>Gets the maximum time to record that a notice was sent.</summary>
    internal static TimeSpan RecordTimeout { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets the maximum time to send a notice and to record it.</summary>
    internal TimeSpan MaxAttempt => SendTimeout + RecordTimeout;

    /// <summary>Gets the maximum time until the next attempt to send to a channel.</summary>
    internal TimeSpan MaxPause => new[] { MaxRetryDelay, GroupInterval, MaxAttempt }.Max();

    internal AlertOptions Copy()
    {
        var copy = (AlertOptions)MemberwiseClone();
        copy.Channels = [.. Channels];
        return copy;
    }

    internal IEnumerable<string> Problems()
    {
        if (Interval < TimeSpan.FromSeconds(1) || Interval > TimeSpan.FromMinutes(5))
            yield return $"Interval: must be from 1 second to 5 minutes, but is {Interval}.";
        if (GroupInterval < TimeSpan.Zero || GroupInterval > TimeSpan.FromHours(1))
            yield return $"GroupInterval: must be from 0 to 1 hour, but is {GroupInterval}.";
        if (SendTimeout < TimeSpan.FromSeconds(1) || SendTimeout > TimeSpan.FromMinutes(5))
            yield return $"SendTimeout: must be from 1 second to 5 minutes, but is {SendTimeout}.";
        if (MaxRetryDelay < TimeSpan.FromSeconds(1) || MaxRetryDelay > TimeSpan.FromHours(1))
            yield return $"MaxRetryDelay: must be from 1 second to 1 hour, but is {MaxRetryDelay}.";
        if (Channels is not { Count: > 0 } || Channels.Any(string.IsNullOrWhiteSpace))
            yield return "Channels: must be names of channels, at least one.";
    }
}
