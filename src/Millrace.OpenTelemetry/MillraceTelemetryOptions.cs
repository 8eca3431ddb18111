namespace Millrace;

/// <summary>
/// Options for metrics, traces and logs. The configuration section <c>Millrace:Telemetry</c> overrides the
/// application's code, and OpenTelemetry's environment variables override both. They are read when telemetry is added;
/// later changes have no effect.
/// </summary>
public sealed class MillraceTelemetryOptions
{
    /// <summary>
    /// Gets or sets the name of the service in traces and metrics; null, the default, for the application's name.
    /// <c>OTEL_SERVICE_NAME</c> overrides it.
    /// </summary>
    public string? ServiceName { get; set; }

    /// <summary>
    /// Gets or sets the version of the service; null, the default, for the version of the program's assembly.
    /// </summary>
    public string? ServiceVersion { get; set; }

    /// <summary>
    /// Gets or sets the name of the deployment environment, such as <c>production</c>; null, the default, for the
    /// environment of the host.
    /// </summary>
    public string? Environment { get; set; }

    /// <summary>
    /// Gets or sets the format of logs on the console; <see cref="TelemetryLogFormat.Unchanged"/> by default.
    /// </summary>
    public TelemetryLogFormat LogFormat { get; set; }

    /// <summary>
    /// Gets or sets the maximum time for which the stopping host waits until telemetry is exported; from zero to one
    /// minute, five seconds by default.
    /// </summary>
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the paths of requests, separated by commas, that are not traced because they would hide others; by
    /// default <c>/metrics,/health,/livez,/readyz,/startupz</c>. A path includes those below it.
    /// </summary>
    public string UntracedPaths { get; set; } = "/metrics,/health,/livez,/readyz,/startupz";

    internal IEnumerable<string> Problems()
    {
        if (FlushTimeout < TimeSpan.Zero || FlushTimeout > TimeSpan.FromMinutes(1))
            yield return $"FlushTimeout: must be from 0 to 1 minute, but is {FlushTimeout}.";
        if (!Enum.IsDefined(LogFormat))
            yield return $"LogFormat: must be Unchanged, Text or Json, but is {LogFormat}.";
        if (ServiceName is { } name && string.IsNullOrWhiteSpace(name))
            yield return "ServiceName: must not be empty. Use null for the application's name.";
        foreach (var path in UntracedPathList().Where(path => path[0] != '/'))
            yield return $"UntracedPaths: each path must start with '/', but one is '{path}'.";
    }

    internal IEnumerable<string> UntracedPathList() =>
        UntracedPaths.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
