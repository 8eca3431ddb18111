using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Telemetry.Tests.Otlp;

namespace Millrace.Telemetry.Tests;

/// <summary>Tests the export over OTLP to a real collector of the test.</summary>
public sealed class ExportTests
{
    [Fact]
    public async Task A_stopping_host_exports_traces_metrics_and_logs_with_name_version_and_environment()
    {
        await using var collector = await OtlpCollector.Start();
        await using (var app = await BookshopApp.Start(
            "orders",
            collector.Settings,
            telemetry: options => (options.ServiceVersion, options.Environment) = ("7.1", "staging")))
        {
            app.Services.GetRequiredService<ILogger<ExportTests>>().LogWarning("Paper is {Amount}", "low");
            await app.Place("1");
        }

        var sent = Assert.Single(collector.Spans, span => span.Name == "send place-order");
        Assert.Equal(sent.TraceId, Assert.Single(collector.Spans, span => span.Name == "POST /orders").TraceId);
        Assert.Contains("millrace.command.duration", collector.Metrics);
        Assert.Contains(collector.Logs, log => log.Body == "Paper is low");
        Assert.Equal("orders", collector.Resource["service.name"]);
        Assert.Equal("7.1", collector.Resource["service.version"]);
        Assert.Equal("staging", collector.Resource["deployment.environment.name"]);
        Assert.Equal("staging", collector.Resource["deployment.environment"]);
    }

    [Fact]
    public async Task Work_of_services_that_stop_last_is_exported()
    {
        await using var collector = await OtlpCollector.Start();
        await using (await BookshopApp.Start(
            "orders",
            collector.Settings,
            build: builder => builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, LastWork>())))
        {
        }

        Assert.Contains(collector.Spans, span => span.Name == LastWork.Name);
    }

    [Fact]
    public async Task Only_signals_with_a_collector_are_exported()
    {
        await using var collector = await OtlpCollector.Start();
        using var logs = new WarningLog();
        var settings = new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = $"{collector.Address}/v1/traces",
            ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf",
        };
        await using (var app = await BookshopApp.Start("orders", settings, logs: logs))
            await app.Place("1");

        Assert.Contains(collector.Spans, span => span.Name == "POST /orders");
        Assert.Empty(collector.Metrics);
        Assert.DoesNotContain(logs.Messages, message => message.Contains("OTLP", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Environment_variables_of_OpenTelemetry_override_the_application()
    {
        await using var collector = await OtlpCollector.Start();
        var settings = collector.Settings;
        settings["OTEL_SERVICE_NAME"] = "from-the-environment";
        settings["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=canary,team=books";
        await using (var app = await BookshopApp.Start("orders", settings))
            await app.Place("1");

        Assert.Equal("from-the-environment", collector.Resource["service.name"]);
        Assert.Equal("canary", collector.Resource["deployment.environment.name"]);
        Assert.Equal("books", collector.Resource["team"]);
    }

    [Fact]
    public async Task Histograms_have_boundaries_in_seconds_and_exemplars_of_the_trace()
    {
        await using var collector = await OtlpCollector.Start();
        await using (var app = await BookshopApp.Start("orders", collector.Settings))
            await app.PlaceAndConfirm("1");

        var trace = Assert.Single(collector.Spans, span => span.Name == "send place-order").TraceId;
        var duration = collector.Histograms.First(histogram =>
            histogram.Name == "millrace.command.duration" && histogram.ExemplarTraces.Contains(trace));
        Assert.Equal((0.0001, 10), (duration.Boundaries[0], duration.Boundaries[^1]));
        // The handler of the process continues the trace.
        Assert.Contains(
            collector.Histograms,
            histogram => histogram.Name == "millrace.handler.duration" && histogram.ExemplarTraces.Contains(trace));
    }

    [Fact]
    public async Task Without_a_collector_nothing_is_exported()
    {
        await using var app = await BookshopApp.Start("orders");

        await app.Place("1");

        Assert.Null(app.Services.GetService<OpenTelemetry.Logs.LoggerProvider>());
    }

    [Fact]
    public async Task A_collector_that_does_not_answer_delays_the_stop_by_the_timeout_only()
    {
        using var logs = new WarningLog();
        await using var collector = await OtlpCollector.Start(answers: false);
        var app = await BookshopApp.Start(
            "orders",
            collector.Settings,
            telemetry: options => options.FlushTimeout = TimeSpan.FromMilliseconds(200),
            logs: logs);
        await app.Place("1");
        var startedAt = TimeProvider.System.GetTimestamp();

        await app.DisposeAsync();

        // The SDK alone waits for ten seconds.
        Assert.InRange(TimeProvider.System.GetElapsedTime(startedAt), TimeSpan.Zero, TimeSpan.FromSeconds(9));
        Assert.Contains(logs.Messages, message => message.Contains("traces", StringComparison.Ordinal)
            && message.Contains("OTEL_EXPORTER_OTLP_ENDPOINT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_invalid_options_are_reported_at_once()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Millrace:Telemetry:FlushTimeout"] = "00:05:00",
            ["Millrace:Telemetry:UntracedPaths"] = "metrics",
        };

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(
            () => BookshopApp.Start("orders", settings));

        Assert.Equal(2, refused.Failures.Count());
    }

    [Fact]
    public async Task A_misspelled_option_is_reported_with_the_right_name()
    {
        var settings = new Dictionary<string, string?> { ["Millrace:Telemetry:FlushTimeot"] = "00:00:01" };

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(
            () => BookshopApp.Start("orders", settings));

        Assert.Contains("FlushTimeout", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Stops as late as consumers and stores do, and then has a span.</summary>
    private sealed class LastWork : IHostedLifecycleService
    {
        public const string Name = "last work";

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken)
        {
            using var source = new ActivitySource(MillraceTelemetry.ActivitySourceName);
            source.StartActivity(Name)?.Dispose();
            return Task.CompletedTask;
        }
    }

    private sealed class WarningLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Messages { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Messages.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
