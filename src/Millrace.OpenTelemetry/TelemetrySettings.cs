using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;
using OpenTelemetry.Exporter;

namespace Millrace.Telemetry;

/// <summary>
/// Reads options from the configuration section <c>Millrace:Telemetry</c>, after the application's own code.
/// </summary>
internal static class TelemetrySettings
{
    public const string Section = "Millrace:Telemetry";

    private const string Exporter = "OTEL_EXPORTER_OTLP_";

    /// <exception cref="OptionsValidationException">Options are not valid; the message lists all of them.</exception>
    public static void Apply(IConfiguration configuration, MillraceTelemetryOptions options)
    {
        var settings = new Settings(configuration.GetSection(Section));
        settings.Read(nameof(options.ServiceName), options.ServiceName, value => options.ServiceName = value);
        settings.Read(nameof(options.ServiceVersion), options.ServiceVersion, value => options.ServiceVersion = value);
        settings.Read(nameof(options.Environment), options.Environment, value => options.Environment = value);
        settings.ReadName(nameof(options.LogFormat), options.LogFormat, value => options.LogFormat = value);
        settings.Read(nameof(options.FlushTimeout), options.FlushTimeout, value => options.FlushTimeout = value);
        settings.Read(nameof(options.UntracedPaths), options.UntracedPaths, value => options.UntracedPaths = value);
        settings.RefuseOthers();
        settings.Finish(typeof(MillraceTelemetryOptions));
        if (options.Problems().ToList() is { Count: > 0 } problems)
            throw new OptionsValidationException(Options.DefaultName, typeof(MillraceTelemetryOptions), problems);
    }

    /// <summary>Returns true if an environment variable names a collector for all signals.</summary>
    public static bool HasCollector(IConfiguration configuration) =>
        !string.IsNullOrWhiteSpace(configuration[$"{Exporter}ENDPOINT"]);

    /// <summary>Returns the collector of one signal, such as <c>TRACES</c>; null if it has none.</summary>
    /// <exception cref="OptionsValidationException">The address or the protocol is not valid.</exception>
    public static SignalCollector? CollectorOf(IConfiguration configuration, string signal)
    {
        var variable = $"{Exporter}{signal}_ENDPOINT";
        if (configuration[variable] is not { } address || string.IsNullOrWhiteSpace(address))
            return null;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint))
            throw Invalid($"{variable}: must be an address such as http://collector:4317, but is '{address}'.");
        var protocol = Of("PROTOCOL") switch
        {
            null or "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            var other => throw Invalid($"{Exporter}PROTOCOL: must be grpc or http/protobuf, but is '{other}'."),
        };
        return new SignalCollector(endpoint, protocol, Of("HEADERS"));

        string? Of(string setting) =>
            configuration[$"{Exporter}{signal}_{setting}"] ?? configuration[Exporter + setting];
    }

    private static OptionsValidationException Invalid(string problem) =>
        new(Options.DefaultName, typeof(MillraceTelemetryOptions), [problem]);
}
