using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Cli.Tests;

/// <summary>Tests the tuning of a running application with a SQLite file.</summary>
public sealed class TuneCommandTests : IAsyncLifetime, IDisposable
{
    private readonly Tool _tool = new();
    private readonly SemaphoreSlim _never = new(0);
    private WebApplication _app = null!; // Set before each test.

    private string Url => _app.Urls.First();

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAuthorizationBuilder().AddPolicy("anyone", policy => policy.RequireAssertion(_ => true));
        builder.Services.AddMillraceAuthorization();
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .ConfigureConsumers(static consumers => (consumers.BatchEvents, consumers.Workers) = (20, 2))
            .AddConsumer(_ => ConsumerDefinition.Each("mailer", EventFilter.All, async (_, cancellationToken) =>
                await _never.WaitAsync(TimeSpan.FromMilliseconds(2), cancellationToken))));
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.UseAuthorization();
        _app.MapMillrace(options => (options.AllowDecisions, options.OperatorPolicy) = (true, "anyone"));
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public void Dispose()
    {
        _tool.Dispose();
        _never.Dispose();
    }

    [Fact]
    public async Task The_report_has_the_settings_their_gains_and_a_recommendation()
    {
        await Append(events: 40_000);

        var text = await _tool.Run("tune", "--server", Url, "--consumer", "mailer", "--for", "00:00:15");
        var json = await _tool.Run("tune", "--server", Url, "--for", "00:00:12", "--json");

        Assert.True((text.ExitCode, json.ExitCode) == (0, 0), text.Output + text.Error + json.Output + json.Error);
        foreach (var part in (string[])["Consumer: mailer", "batching+concurrency", "present", "gains", "Noise:"])
            Assert.Contains(part, text.Output, StringComparison.Ordinal);
        Assert.Matches( // A busy machine can have too much noise for a recommendation.
            "Recommendation: (Millrace:Consumers:Workers = [0-9]+|keep the present settings)|No settings are",
            text.Output);
        Assert.Equal("mailer", json.Json.GetProperty("consumer").GetString());
        Assert.InRange(json.Json.GetProperty("rows").GetArrayLength(), 5, 6); // With or without "one worker".
    }

    [ShellFact("kill")]
    public async Task An_interrupted_command_cancels_the_run()
    {
        await Append(events: 20_000);
        var tuner = _app.Services.GetRequiredService<Tuner>();
        using var limit = new CancellationTokenSource(Tool.Limit);
        using var command = _tool.Start("tune", "--server", Url, "--for", "00:02:00");
        await Eventually.Get(
            () => tuner.FindReport(limit.Token), static report => report is { State: TuningState.Running }, Tool.Limit);

        using (var kill = Process.Start("kill", ["-INT", command.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(limit.Token);
        await command.WaitForExitAsync(limit.Token);
        var report = await Eventually.Get(
            () => tuner.FindReport(limit.Token),
            static report => report is not { State: TuningState.Running },
            Tool.Limit);

        Assert.Equal(130, command.ExitCode);
        Assert.Equal(TuningState.Interrupted, report!.State);
        Assert.EndsWith(" cancelled the run.", report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_load_or_with_bad_options_the_exit_code_says_so()
    {
        var idle = await _tool.Run("tune", "--server", Url, "--for", "00:00:03");
        var unknown = await _tool.Run("tune", "--server", Url, "--consumer", "other");
        var brief = await _tool.Run("tune", "--server", Url, "--for", "00:00:01");
        var without = await _tool.Run("tune");

        Assert.Equal((4, 3, 2, 2), (idle.ExitCode, unknown.ExitCode, brief.ExitCode, without.ExitCode));
        Assert.Contains("NoLoad: No consumer of this node handled 20 events", idle.Output, StringComparison.Ordinal);
    }

    private async Task Append(int events)
    {
        const int Streams = 100;
        // The size limits the pages of a consumer that is far behind, so that the present batch soon ends.
        var payload = Encoding.UTF8.GetBytes($$"""{"text":"{{new string('a', 1_000)}}"}""");
        var store = _app.Services.GetRequiredService<EventStore>();
        for (var i = 0; i < events; i += Streams)
        {
            var request = new AppendRequest();
            for (var stream = 0; stream < Streams; stream++)
                request.To(
                    new StreamId($"mail-{stream}"),
                    ExpectedVersion.Any,
                    NewEvent.FromBytes("mailed", payload));
            await store.Append(request);
        }
    }
}
