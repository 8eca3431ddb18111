using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Serialization;

namespace Millrace.Cli.Tests;

/// <summary>Tests decisions about dead letters that the tool stores and a running application carries out.</summary>
public sealed class DeadLetterTests : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Failed_events_are_shown_retried_edited_and_skipped_while_the_application_runs()
    {
        using var app = await Start();
        foreach (var number in (int[])[1, 2, 3])
            await app.Append($"order-{number}", """{"amount":"many"}""");
        await app.Append("order-1", """{"amount":1}""");
        await _tool.RunUntil(["dead-letters", "list", "--json"], run => run.Json.GetArrayLength() == 4);

        var groups = await _tool.RunOk("dead-letters", "--json");
        var table = await _tool.RunOk("dead-letters");
        var list = (await _tool.RunOk("dead-letters", "list", "--state", "Parked", "--json")).Json;
        var ids = list.EnumerateArray()
            .OrderBy(letter => letter.GetProperty("stream").GetString(), StringComparer.Ordinal)
            .Select(letter => letter.GetProperty("id").GetInt64().ToString(Invariant))
            .ToArray();
        var shown = (await _tool.RunOk("dead-letters", "show", ids[0], "--json")).Json;
        var text = await _tool.RunOk("dead-letters", "show", ids[0]);

        Assert.Equal(3, groups.Json[0].GetProperty("letters").GetInt32());
        Assert.Contains($"{groups.Json[0].GetProperty("cause").GetString()}: ", table.Output, StringComparison.Ordinal);
        Assert.Equal("many", shown.GetProperty("payload").GetProperty("amount").GetString());
        Assert.True(shown.GetProperty("waitingCount").GetInt32() == 1, $"{shown}\n{list}");
        Assert.Contains("FormatException", shown.GetProperty("stack").GetString(), StringComparison.Ordinal);
        Assert.Contains("events waiting", text.Output, StringComparison.Ordinal);

        await _tool.RunOk(
            "dead-letters", "edit", ids[0], "--data", """{"amount":5}""", "--reason", "a slip", "--by", "ada");
        await _tool.RunOk("dead-letters", "skip", ids[1], "--reason", "a test order");
        await _tool.RunOk("dead-letters", "retry", ids[2]);
        await _tool.RunUntil(
            ["dead-letters", "list", "--json"],
            run => run.Json.EnumerateArray().Select(letter => letter.GetProperty("state").GetString()).Order()
                .SequenceEqual(["corrected", "parked", "skipped"]));

        Assert.Equal(["order-1: 5", "order-1: 1"], app.Handled);
        var audit = await _tool.RunOk("read", "$dead-letters", "--json");
        Assert.Equal(3, audit.Lines.Length);
        Assert.Contains("a slip", audit.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_is_discarded_and_a_cohort_is_patched()
    {
        using var app = await Start();
        foreach (var number in (int[])[1, 2, 3, 4, 5, 6])
            await app.Append($"order-{number}", number < 4 ? """{"amount":"many"}""" : """{"amount":"few","note":"?"}""");
        await _tool.RunUntil(
            ["dead-letters", "list", "--state", "Parked", "--json"], run => run.Json.GetArrayLength() == 6);

        var patched = await _tool.RunOk(
            "dead-letters", "cohort", "--stream", "order-5", "--patch", """{"amount":7,"note":null}""", "--reason", "x", "--json");
        var stopped = await _tool.Run("dead-letters", "cohort", "--consumer", "billing", "--stop-at", "0", "--json");
        var discarded = await _tool.RunOk(
            "dead-letters", "discard", "--consumer", "billing", "--reason", "closed", "--json");
        await _tool.RunUntil(["consumers", "--json"], run => run.Json[0].GetProperty("openLetters").GetInt32() == 0);

        Assert.Equal(1, patched.Json.GetProperty("passed").GetInt32());
        Assert.Equal(["order-5: 7"], app.Handled);
        Assert.Equal((1, true), (stopped.ExitCode, stopped.Json.GetProperty("isStopped").GetBoolean()));
        Assert.Equal(5, discarded.Json.GetProperty("released").GetInt32());
    }

    [Fact]
    public async Task CBOR_events_are_shown_edited_and_patched_as_JSON()
    {
        using var app = await Start();
        foreach (var number in (int[])[1, 2])
            await app.AppendCbor($"order-{number}", """{"amount":"many","note":"?"}""");
        await _tool.RunUntil(
            ["dead-letters", "list", "--state", "Parked", "--json"],
            run => run.Json.GetArrayLength() == 2);
        var list = (await _tool.RunOk("dead-letters", "list", "--stream", "order-1", "--json")).Json;
        var id = list[0].GetProperty("id").GetInt64().ToString(Invariant);

        var shown = await _tool.RunOk("dead-letters", "show", id);
        var refused = await _tool.Run(
            "dead-letters", "edit", id, "--data", "[", "--reason", "a slip", "--store", _tool.Store);
        await _tool.RunOk(
            "dead-letters", "edit", id, "--data", """{"amount":5}""", "--reason", "a slip", "--by", "ada");
        await _tool.RunOk(
            "dead-letters", "cohort", "--stream", "order-2",
            "--patch", """{"amount":7,"note":null}""", "--reason", "x");
        await _tool.RunUntil(["consumers", "--json"], run => run.Json[0].GetProperty("openLetters").GetInt32() == 0);

        Assert.Contains("\"amount\": \"many\"", shown.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("neither JSON nor CBOR", refused.Error, StringComparison.Ordinal);
        Assert.Equal(["order-1: 5", "order-2: 7"], app.Handled.Order());
        var edited = (await _tool.RunOk("dead-letters", "show", id, "--json")).Json;
        Assert.Equal("""{"amount":5}""", edited.GetProperty("editedPayload").GetRawText());
        Assert.Equal("many", edited.GetProperty("payload").GetProperty("amount").GetString());
    }

    [Theory]
    [InlineData("utf-8", EventContentType.Json)]
    [InlineData("utf-16", EventContentType.Json)]
    [InlineData("utf-32BE", EventContentType.Json)]
    [InlineData("utf-8", EventContentType.Cbor)]
    [InlineData("utf-16BE", EventContentType.Cbor)]
    public async Task An_edited_payload_is_stored_in_UTF_8_without_its_byte_order_mark(string name, string contentType)
    {
        const string Json = """{"amount":5,"note":"Größe"}""";
        using var app = await Start();
        if (contentType == EventContentType.Json)
            await app.Append("order-1", """{"amount":"many"}""");
        else
            await app.AppendCbor("order-1", """{"amount":"many"}""");
        var parked = await _tool.RunUntil(
            ["dead-letters", "list", "--state", "Parked", "--json"],
            run => run.Json.GetArrayLength() == 1);
        var id = parked.Json[0].GetProperty("id").GetInt64().ToString(Invariant);
        var encoding = Encoding.GetEncoding(name);
        foreach (var (file, json) in new[] { ("marked.json", Json), ("twice.json", """{"amount":1,"amount":2}""") })
            await File.WriteAllBytesAsync(_tool.File(file), [.. encoding.Preamble, .. encoding.GetBytes(json)]);

        var twice = await _tool.Run(
            "dead-letters", "edit", id, "--file", "twice.json", "--reason", "a slip", "--by", "ada");
        await _tool.RunOk("dead-letters", "edit", id, "--file", "marked.json", "--reason", "a slip", "--by", "ada");
        await _tool.RunUntil(
            ["dead-letters", "list", "--state", "Corrected", "--json"],
            run => run.Json.GetArrayLength() == 1);

        Assert.NotEqual(0, twice.ExitCode);
        Assert.Equal(["order-1: 5"], app.Handled);
        var edited = (await _tool.RunOk("dead-letters", "show", id, "--json")).Json;
        Assert.Equal(
            Json,
            edited
                .GetProperty("editedPayload")
                .GetRawText()
                .Replace("\\u00F6", "ö", StringComparison.Ordinal)
                .Replace("\\u00DF", "ß", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_edited_payload_that_is_not_JSON_is_refused_with_its_file()
    {
        using var app = await Start();
        await app.Append("order-1", """{"amount":"many"}""");
        var parked = await _tool.RunUntil(
            ["dead-letters", "list", "--state", "Parked", "--json"],
            run => run.Json.GetArrayLength() == 1);
        var id = parked.Json[0].GetProperty("id").GetInt64().ToString(Invariant);
        await File.WriteAllBytesAsync(_tool.File("half"), [0xFF, 0xFE, 0x7B]);

        var half = await _tool.Run("dead-letters", "edit", id, "--file", "half", "--reason", "a slip");
        var words = await _tool.Run("dead-letters", "edit", id, "--data", "not json", "--reason", "a slip");

        Assert.Equal((2, 2), (half.ExitCode, words.ExitCode));
        Assert.Contains("'half' is not text in utf-16", half.Error, StringComparison.Ordinal);
        Assert.Contains("--data is not application/json", words.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--content-type", words.Error, StringComparison.Ordinal);
        var open = await _tool.RunOk("dead-letters", "list", "--json");
        Assert.Equal("parked", open.Json[0].GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("[")]
    [InlineData("""{"amount":5}""")]
    public async Task An_edited_payload_that_is_not_CBOR_is_refused_for_each_type_of_CBOR(string payload)
    {
        using var app = await Start();
        await app.AppendCbor("order-1", """{"amount":5}""", "application/vnd.orders+cbor");
        var parked = await _tool.RunUntil(
            ["dead-letters", "list", "--state", "Parked", "--json"],
            run => run.Json.GetArrayLength() == 1);
        var id = parked.Json[0].GetProperty("id").GetInt64().ToString(Invariant);

        var refused = await _tool.Run("dead-letters", "edit", id, "--data", payload, "--reason", "a slip");

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--data is not application/vnd.orders+cbor", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_that_a_build_cannot_read_is_refused_before_it_is_stored()
    {
        const string Wrong = """{"refrence":"r","amount":5}""";
        const string Right = """{"order":"0193b1c2-0000-7000-8000-000000000001","reference":"r","amount":5}""";
        string[] build = ["--build", Tool.ProgramFile("Evolution.Before")];
        using var app = await Start();
        await _tool.Append("order-1", "order.paid", """{"amount":"many"}""");
        var parked = await _tool.RunUntil(
            ["dead-letters", "list", "--state", "Parked", "--json"],
            run => run.Json.GetArrayLength() == 1);
        var id = parked.Json[0].GetProperty("id").GetInt64().ToString(Invariant);

        var simulatedWrong = await _tool.Run(["dead-letters", "simulate", id, "--data", Wrong, .. build]);
        var refused = await _tool.Run(["dead-letters", "edit", id, "--data", Wrong, "--reason", "a slip", .. build]);
        var afterRefusal = await _tool.RunOk("dead-letters", "list", "--json");
        var simulatedRight = await _tool.Run(["dead-letters", "simulate", id, "--data", Right, .. build]);
        await _tool.RunOk(["dead-letters", "edit", id, "--data", Right, "--reason", "a slip", "--by", "ada", .. build]);
        await _tool.RunUntil(
            ["dead-letters", "list", "--state", "Corrected", "--json"],
            run => run.Json.GetArrayLength() == 1);
        var list = await _tool.RunOk("dead-letters", "list");

        Assert.Contains("1 would fail again", simulatedWrong.Output, StringComparison.Ordinal);
        // The build has no consumers, so it cannot simulate the corrected letter.
        Assert.Equal((1, 1, 8), (simulatedWrong.ExitCode, refused.ExitCode, simulatedRight.ExitCode));
        Assert.Contains(
            "Unknown: 1 × This program does not know the consumer", simulatedRight.Output, StringComparison.Ordinal);
        Assert.Contains("would fail again", refused.Error, StringComparison.Ordinal);
        Assert.Equal("parked", afterRefusal.Json[0].GetProperty("state").GetString());
        Assert.Contains("decided by ada: a slip", list.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("many", list.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_simulation_reports_the_remaining_letters_and_continues_after_the_last_one()
    {
        string[] build = ["--build", Tool.ProgramFile("Evolution.Before")];
        using var app = await Start();
        foreach (var number in (int[])[1, 2, 3])
            await app.Append($"order-{number}", """{"amount":"many"}""");
        await app.Append("order-1", """{"amount":1}"""); // This event waits for the first one and is not simulated.
        await _tool.RunUntil(["dead-letters", "list", "--json"], run => run.Json.GetArrayLength() == 4);

        var text = await _tool.Run(["dead-letters", "simulate", "--limit", "2", .. build]);
        var first = await _tool.Run(["dead-letters", "simulate", "--limit", "2", "--json", .. build]);
        var next = first.Json.GetProperty("next").GetInt64().ToString(Invariant);
        var rest = await _tool.Run(["dead-letters", "simulate", "--limit", "2", "--after", next, "--json", .. build]);
        var all = await _tool.Run(["dead-letters", "simulate", "--limit", "3", "--json", .. build]);
        var list = await _tool.RunOk("dead-letters", "list", "--limit", "2", "--state", "Parked");
        var before = (long.Parse(next, Invariant) - 1).ToString(Invariant);
        var lastPage = await _tool.RunOk(
            "dead-letters", "list", "--limit", "1", "--state", "Parked", "--after", before);

        Assert.Contains("1 more match and were not simulated", text.Output, StringComparison.Ordinal);
        Assert.Contains($"--after {next}", text.Output, StringComparison.Ordinal);
        Assert.Contains(
            $"1 more. For the next ones, repeat the command with --after {next}",
            list.Output,
            StringComparison.Ordinal);
        Assert.Contains(
            $"1 more. For the next ones, repeat the command with --after {next}",
            lastPage.Output,
            StringComparison.Ordinal);
        Assert.Equal(
            (2, 1), (first.Json.GetProperty("letters").GetArrayLength(), first.Json.GetProperty("more").GetInt32()));
        // No build of these tests has this consumer, so no simulation fails.
        Assert.Equal((8, 8, 8), (text.ExitCode, first.ExitCode, rest.ExitCode));
        Assert.Equal(1, rest.Json.GetProperty("letters").GetArrayLength());
        Assert.Equal(3, all.Json.GetProperty("letters").GetArrayLength());
        Assert.All([rest, all], run => Assert.False(run.Json.TryGetProperty("more", out _)));
    }

    [Fact]
    public async Task A_decision_about_many_letters_applies_only_to_the_selected_range()
    {
        using var app = await Start();
        foreach (var number in (int[])[1, 2, 3, 4])
            await app.Append($"order-{number}", """{"amount":"many"}""");
        await _tool.RunUntil(
            ["dead-letters", "list", "--state", "Parked", "--json"],
            run => run.Json.GetArrayLength() == 4);
        var list = (await _tool.RunOk("dead-letters", "list", "--json")).Json;
        var second = list[1].GetProperty("id").GetInt64().ToString(Invariant);

        var discarded = await _tool.RunOk(
            "dead-letters", "discard", "-c", "billing", "--limit", "1", "--reason", "x", "--json");
        var skipped = await _tool.RunOk(
            "dead-letters", "skip", "-c", "billing", "--after", second, "-n", "1", "--reason", "x", "--json");
        var cohort = await _tool.RunOk(
            "dead-letters", "cohort", "-c", "billing", "--skip", "--limit", "1", "--reason", "x", "--json");

        Assert.All([discarded, skipped, cohort], run => Assert.Equal(1, run.Json.GetProperty("released").GetInt32()));
        await _tool.RunUntil(
            ["dead-letters", "list", "--json"],
            run => run.Json.EnumerateArray().Select(letter => letter.GetProperty("state").GetString())
                .SequenceEqual(["discarded", "skipped", "skipped", "parked"]));
        Assert.Equal(2, (await _tool.Run("dead-letters", "retry", "-c", "billing", "--state", "Waiting")).ExitCode);
    }

    [Fact]
    public async Task Invalid_requests_about_dead_letters_are_reported_with_an_exit_code()
    {
        using (var app = await Start())
            await app.Append("order-1", """{"amount":1}""");

        Assert.Equal(3, (await _tool.Run("dead-letters", "show", "77", "--store", _tool.Store)).ExitCode);
        Assert.Equal(2, (await _tool.Run("dead-letters", "skip", "77", "--store", _tool.Store)).ExitCode);
        Assert.Equal(2, (await _tool.Run("dead-letters", "retry", "--store", _tool.Store)).ExitCode);
        Assert.Contains(
            "There are no dead letters.", (await _tool.RunOk("dead-letters")).Output, StringComparison.Ordinal);
        Assert.Contains(
            "No dead letters match", (await _tool.RunOk("dead-letters", "list")).Output, StringComparison.Ordinal);
    }

    private static System.Globalization.CultureInfo Invariant => System.Globalization.CultureInfo.InvariantCulture;

    private async Task<Application> Start()
    {
        var app = new Application(_tool.Store);
        await app.Host.StartAsync();
        return app;
    }

    /// <summary>An application whose consumer fails for each amount that is not a number.</summary>
    private sealed class Application : IDisposable
    {
        private readonly List<string> _handled = [];

        public Application(string file)
        {
            var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
            builder.Services.AddMillrace(millrace => millrace
                .UseSqlite(file)
                .ConfigureConsumers(options => options.LookEvery = TimeSpan.FromMilliseconds(50))
                .AddConsumer("billing", EventFilter.InStreams("order-"), (recorded, _) => Handle(recorded))
                .OnFailure("billing", policy => policy.Permanent<FormatException>()));
            Host = builder.Build();
        }

        public IHost Host { get; }

        public IReadOnlyList<string> Handled
        {
            get
            {
                lock (_handled)
                    return [.. _handled];
            }
        }

        public Task<AppendResult> Append(string stream, string json) =>
            Host
                .Services.GetRequiredService<EventStore>()
                .Append(
                    new StreamId(stream),
                    ExpectedVersion.Any,
                    [NewEvent.FromBytes("order.placed", Encoding.UTF8.GetBytes(json))]);

        public Task<AppendResult> AppendCbor(string stream, string json, string type = EventContentType.Cbor) =>
            Host.Services.GetRequiredService<EventStore>().Append(
                new StreamId(stream),
                ExpectedVersion.Any,
                [NewEvent.FromBytes("order.placed", CborJson.FromJson(Encoding.UTF8.GetBytes(json)), type)]);

        public void Dispose()
        {
            Host.StopAsync().Wait(WaitTimeout);
            Host.Dispose();
        }

        private ValueTask Handle(RecordedEvent recorded)
        {
            var amount = System
                .Text.Json.JsonDocument.Parse(recorded.ReadablePayload)
                .RootElement.GetProperty("amount");
            var number = int.Parse(amount.ToString(), Invariant);
            lock (_handled)
                _handled.Add($"{recorded.Stream}: {number}");
            return ValueTask.CompletedTask;
        }
    }
}
