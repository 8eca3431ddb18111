using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Millrace.Telemetry.Tests;

/// <summary>Tests the formats of logs on the console.</summary>
public sealed class LogFormatTests
{
    [Fact]
    public void Json_contains_the_message_its_values_and_the_trace()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["Millrace:Telemetry:LogFormat"] = "json";
        builder.AddMillraceTelemetry();
        using var host = builder.Build();

        using var json = JsonDocument.Parse(Write(host, ConsoleFormatterNames.Json));

        Assert.Equal("Paper is low", json.RootElement.GetProperty("Message").GetString());
        Assert.Equal("low", json.RootElement.GetProperty("State").GetProperty("Amount").GetString());
        Assert.Matches(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", json.RootElement.GetProperty("Timestamp").GetString());
        Assert.True(Options(host).IncludeScopes); // The scopes contain the trace and the span.
    }

    [Fact]
    public void Text_is_one_line_with_the_time()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["Millrace:Telemetry:LogFormat"] = "Text";
        builder.AddMillraceTelemetry();
        using var host = builder.Build();

        var text = Write(host, ConsoleFormatterNames.Simple);

        Assert.Single(text.Trim().Split('\n'));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z .*Paper is low", text);
    }

    private static string Write(IHost host, string expectedFormatter)
    {
        var options = host.Services.GetRequiredService<IOptionsMonitor<ConsoleLoggerOptions>>().CurrentValue;
        Assert.Equal(expectedFormatter, options.FormatterName);
        var formatter = host.Services.GetServices<ConsoleFormatter>()
            .Single(one => one.Name == options.FormatterName);
        using var writer = new StringWriter();
        IReadOnlyList<KeyValuePair<string, object?>> state = [new("Amount", "low")];
        var entry = new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(
            LogLevel.Warning, "Shop", 7, state, null, (_, _) => "Paper is low");
        formatter.Write(entry, null, writer);
        return writer.ToString();
    }

    private static JsonConsoleFormatterOptions Options(IHost host) =>
        host.Services.GetRequiredService<IOptionsMonitor<JsonConsoleFormatterOptions>>().CurrentValue;
}
