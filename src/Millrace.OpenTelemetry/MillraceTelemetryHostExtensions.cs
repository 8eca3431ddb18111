using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace;
using Millrace.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds OpenTelemetry to an application with Millrace.</summary>
public static class MillraceTelemetryHostExtensions
{
    private const int MaxMetricStreams = 200_000;
    private const int MaxTenantSeries = 200;

    // Instruments and spans of .NET and of drivers, which need no package. Without their library they do nothing.
    private static readonly string[] Meters = ["System.Runtime", "System.Net.Http", "Npgsql"];
    private static readonly string[] Sources = ["System.Net.Http", "Npgsql"];

    /// <summary>
    /// Collects metrics, traces and logs of Millrace, of .NET and of the drivers, with the service's name, version and
    /// environment. They are exported over OTLP if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, and are flushed when the
    /// host stops. A second call has no effect.
    /// </summary>
    /// <remarks>
    /// Everything else comes from OpenTelemetry's own variables: <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, <c>…_HEADERS</c>
    /// and <c>…_TIMEOUT</c>, <c>OTEL_TRACES_SAMPLER</c>, <c>OTEL_RESOURCE_ATTRIBUTES</c> and others. Every trace is
    /// sampled by default.
    /// </remarks>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Options are not valid; the message
    /// lists all of them.</exception>
    public static TBuilder AddMillraceTelemetry<TBuilder>(
        this TBuilder builder, Action<MillraceTelemetryOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(service => service.ServiceType == typeof(MillraceTelemetryOptions)))
            return builder;
        var options = new MillraceTelemetryOptions();
        configure?.Invoke(options);
        TelemetrySettings.Apply(builder.Configuration, options);
        builder.Services.AddSingleton(options);
        AddLogs(builder.Logging, options.LogFormat);
        var telemetry = builder
            .Services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, builder.Environment, options))
            .WithTracing(tracing => tracing.AddMillraceInstrumentation().AddSource(Sources))
            .WithMetrics(metrics => AddMetrics(metrics, builder.Configuration));
        AddCollector(builder, telemetry);
        builder.Services.TryAddSingleton(TimeProvider.System);
        AddLogLevels(builder.Services);
        // Services stop in the reverse order. The first one stops after all others, also after those added before.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryShutdown>());
        return builder;
    }

    private static void AddCollector<TBuilder>(TBuilder builder, OpenTelemetryBuilder telemetry)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.Configure<OpenTelemetryLoggerOptions>(logs =>
            (logs.IncludeScopes, logs.IncludeFormattedMessage) = (true, true));
        if (TelemetrySettings.HasCollector(builder.Configuration))
        {
            telemetry.UseOtlpExporter();
            return;
        }
        // The call for all signals would send those without an endpoint to this machine.
        if (TelemetrySettings.CollectorOf(builder.Configuration, "TRACES") is { } traces)
            telemetry.WithTracing(tracing => tracing.AddOtlpExporter(traces.Apply));
        if (TelemetrySettings.CollectorOf(builder.Configuration, "METRICS") is { } measures)
            telemetry.WithMetrics(metrics => metrics.AddOtlpExporter(measures.Apply));
        if (TelemetrySettings.CollectorOf(builder.Configuration, "LOGS") is { } messages)
            telemetry.WithLogging(logs => logs.AddOtlpExporter(messages.Apply));
    }

    private static void AddLogLevels(IServiceCollection services)
    {
        services.AddSingleton<LogLevels>();
        services.AddSingleton<ILogLevels>(provider => provider.GetRequiredService<LogLevels>());
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>>(
            provider => provider.GetRequiredService<LogLevels>());
        services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(
            provider => provider.GetRequiredService<LogLevels>());
    }

    private static void AddMetrics(MeterProviderBuilder metrics, IConfiguration configuration)
    {
        // Each opening of a tenant has its own instruments, and the SDK does not reuse the numbers of closed ones.
        metrics.SetMaxMetricStreams(MaxMetricStreams).AddView(StreamOf);
        metrics.AddMillraceInstrumentation().AddMeter(Meters);
        if (string.IsNullOrWhiteSpace(configuration["OTEL_METRICS_EXEMPLAR_FILTER"]))
            metrics.SetExemplarFilter(ExemplarFilterType.TraceBased);
    }

    /// <summary>Limits the memory of each tenant: the SDK reserves it for all series of an instrument.</summary>
    private static MetricStreamConfiguration? StreamOf(Instrument instrument) =>
        instrument.Meter.Tags?.Any(tag => tag.Key == "millrace.tenant") == true
            ? new MetricStreamConfiguration { CardinalityLimit = MaxTenantSeries }
            : null;

    private static void AddLogs(ILoggingBuilder logs, TelemetryLogFormat format)
    {
        const string Timestamp = "yyyy-MM-ddTHH:mm:ss.fffZ";
        if (format == TelemetryLogFormat.Json)
        {
            logs.AddJsonConsole(console =>
                (console.IncludeScopes, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, Timestamp));
        }
        else if (format == TelemetryLogFormat.Text)
        {
            logs.AddSimpleConsole(console =>
                (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, Timestamp + " "));
        }
    }

    /// <summary>
    /// Adds the attributes of the service, and then those of the environment variables, which override them.
    /// </summary>
    private static void Describe(
        ResourceBuilder resource, IHostEnvironment environment, MillraceTelemetryOptions options)
    {
        var deployment = options.Environment ?? environment.EnvironmentName.ToLowerInvariant();
        resource
            .AddService(
                options.ServiceName ?? environment.ApplicationName,
                serviceVersion: options.ServiceVersion ?? VersionOfProgram())
            .AddAttributes(
                [
                    new("deployment.environment.name", deployment),
                    new("deployment.environment", deployment), // The former name, which many dashboards use.
                ])
            .AddEnvironmentVariableDetector();
    }

    private static string? VersionOfProgram()
    {
        var program = Assembly.GetEntryAssembly();
        return program?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? program?.GetName().Version?.ToString();
    }
}
