using System.Text;
using System.Text.Json;

namespace Millrace.Tests.Reporting;

/// <summary>Tests of the report about the retention of data.</summary>
public sealed class RetentionReportTests : IDisposable
{
    private static readonly ReportRequest Retention = new(ReportKind.Retention);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-retention-report-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [StoreKinds]
    public async Task Policies_and_what_their_runs_removed_archived_and_kept_are_reported(StoreKind kind)
    {
        await using var app = await Start(kind, prepare: async store =>
        {
            await Append(store, "cart-1", 40);
            await Append(store, "cart-2", 40);
            await Append(store, "order-1", 40);
            await Append(store, "cart-3", 3);
        });
        await app.Erasures.Hold("cart-2", "lawsuit", "ben");

        await app.Retention.Run("ann", "run-1");
        var report = await app.Json(Retention);

        Assert.Equal("retention", report.GetProperty("report").GetString());
        Assert.Contains("category cart: delete after 30 days", ReportApp.Texts(report, "policies", "policy"));
        var run = Assert.Single(ReportApp.Rows(report, "runs"));
        Assert.Equal(("run-1", "ann"), (Text(run, "id"), Text(run, "by")));
        Assert.Equal((2, 2, 0), (Number(run, "streams"), Number(run, "events"), Number(run, "erasedSubjects")));
        Assert.True(run.TryGetProperty("endedAt", out _));
        Assert.Equal(
            ["category cart: delete after 30 days 1", "category order: archive after 30 days 1"],
            ReportApp.Rows(report, "results").Where(row => Number(row, "events") > 0)
                .Select(row => $"{Text(row, "policy")} {Number(row, "streams")}").Order());
        var archive = Assert.Single(ReportApp.Rows(report, "archives"));
        var bytes = await File.ReadAllBytesAsync(Path.Combine(_folder.FullName, Text(archive, "file")!));
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), Text(archive, "sha256"));
        var kept = Assert.Single(ReportApp.Rows(report, "kept"));
        Assert.Equal(("legal hold", "cart-2"), (Text(kept, "reason"), kept.GetProperty("examples")[0].GetString()));
        Assert.Equal(["cart-1", "order-1"], ReportApp.Texts(report, "removedStreams", "stream").Order());
        Assert.Empty(ReportApp.Rows(report, "erasures"));
        Assert.Equal("cart-2", Assert.Single(ReportApp.Texts(report, "legalHolds", "subject")));
        Assert.Empty(ReportApp.Kinds(report));
    }

    [Theory]
    [StoreKinds]
    public async Task People_whose_data_a_run_erased_are_reported_with_their_erasures(StoreKind kind)
    {
        await using var app = await StartWithPeople(kind);

        await app.Retention.Run("ann", "run-1");
        var report = await app.Json(Retention);

        var run = Assert.Single(ReportApp.Rows(report, "runs"));
        Assert.Equal(2, Number(run, "erasedSubjects"));
        var rows = ReportApp.Rows(report, "erasures");
        Assert.Equal(["person-1", "person-2"], rows.Select(row => Text(row, "subject")).Order());
        var erasures = await app.Erasures.List();
        Assert.All(rows, row =>
        {
            Assert.Equal(
                ("run-1", "category person: erase personal data after 300 days"),
                (Text(row, "run"), Text(row, "policy")));
            var erasure = erasures.Single(erasure => erasure.Request.Id == Text(row, "erasure"));
            Assert.Equal(Text(row, "subject"), erasure.Request.Subject);
            Assert.Equal(ErasureState.Confirmed, erasure.State);
        });
        var kept = ReportApp.Rows(report, "kept").ToDictionary(row => Text(row, "reason")!);
        Assert.Equal("person-3", kept["legal hold"].GetProperty("examples")[0].GetString());
        Assert.Equal(
            "person-4",
            kept["has younger data, or data under another policy"].GetProperty("examples")[0].GetString());
        Assert.Empty(ReportApp.Kinds(report));
    }

    [Theory]
    [StoreKinds]
    public async Task A_run_that_was_stopped_is_a_finding_with_its_reason(StoreKind kind)
    {
        await using var app = await Start(
            kind,
            step =>
            {
                if (step == "retention.removed")
                    throw new IOException("Stopped.");
            },
            store => Append(store, "cart-1", 40));
        await Assert.ThrowsAsync<IOException>(() => app.Retention.Run("ann", "run-1"));

        await app.Retention.Stop("run-1", "ben", "wrong policy");
        var report = await app.Json(Retention);

        Assert.Equal(["noRun", "runStopped"], ReportApp.Kinds(report));
        var run = Assert.Single(ReportApp.Rows(report, "runs"));
        Assert.Equal(("ben", "wrong policy"), (Text(run, "stoppedBy"), Text(run, "stopReason")));
        Assert.Equal(1, Number(run, "events")); // The part that was removed is known.
        Assert.Contains(
            "wrong policy",
            Text(ReportApp.Rows(report, "findings")[1], "message"),
            StringComparison.Ordinal);
    }

    [Theory]
    [StoreKinds]
    public async Task A_run_that_was_interrupted_is_a_finding_until_it_continues(StoreKind kind)
    {
        var isFirst = true;
        await using var app = await Start(kind, step =>
        {
            if (step != "retention.removed" || !isFirst)
                return;
            isFirst = false;
            throw new IOException("Stopped.");
        }, store => Append(store, "cart-1", 40));

        await Assert.ThrowsAsync<IOException>(() => app.Retention.Run("ann", "run-1"));
        var interrupted = await app.Json(Retention);
        await app.Retention.Run("ann", "run-1");
        var ended = await app.Json(Retention);

        Assert.Equal(["noRun", "runNotEnded"], ReportApp.Kinds(interrupted));
        var run = Assert.Single(ReportApp.Rows(interrupted, "runs"));
        Assert.False(run.TryGetProperty("endedAt", out _));
        Assert.Equal(1, Number(run, "events")); // The part that was removed is known.
        Assert.Empty(ReportApp.Kinds(ended));
    }

    [Theory]
    [StoreKinds]
    public async Task Expired_data_that_a_policy_could_not_remove_is_a_finding(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind, extend: millrace => millrace
            .AddRetention(retention => retention.Category("person").DeleteAfter(RetentionPeriod.Days(30))),
            prepare: store => Append(
                store, "person-1", 400, "person.registered", """{"name":"Ada","email":"a@example.org","age":4}"""));

        await app.Retention.Run("ann", "run-1");
        var report = await app.Json(Retention);

        Assert.Equal("expiredKept", Assert.Single(ReportApp.Kinds(report)));
        Assert.Equal(1, Number(Assert.Single(ReportApp.Rows(report, "kept")), "count"));
        Assert.Contains("run-1", Text(ReportApp.Rows(report, "findings")[0], "message"), StringComparison.Ordinal);
    }

    [Theory]
    [StoreKinds]
    public async Task Policies_and_runs_outside_of_the_period_are_not_reported(StoreKind kind)
    {
        await using var app = await Start(kind);
        await app.Retention.Run("ann", "run-1");
        var run = Assert.Single(ReportApp.Rows(await app.Json(Retention), "runs"));
        var ended = run.GetProperty("endedAt").GetDateTimeOffset();
        var started = run.GetProperty("startedAt").GetDateTimeOffset();

        Assert.Equal(["noRun"], ReportApp.Kinds(await app.Json(Retention with { From = ended.AddTicks(10) })));
        Assert.Empty(ReportApp.Rows(await app.Json(Retention with { To = started }), "runs"));
        Assert.Single(ReportApp.Rows(await app.Json(Retention with { From = ended }), "runs"));
        var before = await app.Json(Retention with { To = DateTimeOffset.UtcNow.AddDays(-1) });
        Assert.Equal(["policiesMissing"], ReportApp.Kinds(before));
        Assert.Empty(ReportApp.Rows(before, "policies"));
    }

    [Theory]
    [StoreKinds]
    public async Task A_policy_has_the_time_at_which_another_declaration_replaced_it(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);
        await Declare(store, options =>
        {
            options.Category("cart").DeleteAfter(RetentionPeriod.Days(30));
            options.Category("order").KeepForever();
            options.Tenant("acme").Category("cart").KeepForever(); // Of another tenant.
        });
        await Declare(store, options =>
        {
            options.Category("cart").DeleteAfter(RetentionPeriod.Days(90));
            options.Category("order").KeepForever();
        });

        var report = await ReportApp.Json(Reports.Of(store), Retention);
        var acme = await ReportApp.Json(Reports.Of(store, "acme"), Retention);

        Assert.Equal(
            [
                "category cart: delete after 30 days, ended",
                "category cart: delete after 90 days",
                "category order: keep for ever",
            ],
            ReportApp.Rows(report, "policies")
                .Select(row => Text(row, "policy") + (row.TryGetProperty("until", out _) ? ", ended" : "")).Order());
        Assert.Contains("category cart of tenant acme: keep for ever", ReportApp.Texts(acme, "policies", "policy"));
    }

    [Theory]
    [DatabaseKinds]
    public async Task An_event_of_a_run_that_cannot_be_read_is_a_finding(StoreKind kind)
    {
        await using var app = await Start(kind, prepare: store => Append(store, "cart-1", 40));
        await app.Retention.Run("ann", "run-1");
        var last = await app.Store.GetToken();
        await app.Execute($"UPDATE {{events}} SET payload = {{broken}} WHERE position = {last.Position}");

        var report = await app.Json(Retention);

        Assert.Equal(["eventUnreadable", "noRun", "runNotEnded"], ReportApp.Kinds(report).Order());
        Assert.Equal(last.Position, ReportApp.Rows(report, "findings")[0].GetProperty("position").GetInt64());
    }

    [Theory]
    [StoreKinds]
    public async Task A_store_without_policies_has_an_empty_report_with_a_finding(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);

        var report = await ReportApp.Json(Reports.Of(store), Retention);

        Assert.Equal(["notDeclared"], ReportApp.Kinds(report));
        foreach (var section in (string[])
            ["policies", "runs", "results", "archives", "kept", "erasures", "removedStreams", "legalHolds"])
            Assert.Empty(ReportApp.Rows(report, section));
    }

    [Fact]
    public async Task A_page_shows_the_runs_and_encodes_texts()
    {
        await using var app = await StartWithPeople(StoreKind.Sqlite);
        await app.Retention.Run(ReportApp.Hostile, "run-1");

        var html = await app.Html(Retention);

        Assert.Contains("Retention of data", html, StringComparison.Ordinal);
        Assert.Contains("cart-1", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        if (Environment.GetEnvironmentVariable("REPORT_PAGE") is { } file)
            await File.WriteAllTextAsync(file, html);
    }

    /// <summary>Starts an application with old data of four people, of whom two can be erased.</summary>
    private async Task<ReportApp> StartWithPeople(StoreKind kind)
    {
        var app = await Start(kind, prepare: async store =>
        {
            for (var person = 1; person <= 4; person++)
                await Register(store, person, 400);
            await Append(store, "cart-1", 40);
            await Append(store, "order-1", 40);
            await Register(store, 4, 10);
        });
        await app.Erasures.Hold("person-3", "lawsuit", "ben");
        return app;
    }

    private static Task<AppendResult> Register(EventStore store, int person, int days)
    {
        var json = $$"""{"name":"Ada Lovelace-{{person}}","email":"ada-{{person}}@example.org","age":4}""";
        var registered = NewEvent.FromBytes("person.registered", Encoding.UTF8.GetBytes(json)) with
        {
            SchemaVersion = 2,
        };
        return store.Append(new AppendRequest { RecordedAt = DateTimeOffset.UtcNow.AddDays(-days) }.To(
            new StreamId($"person-{person}"), ExpectedVersion.Any, registered));
    }

    private Task<ReportApp> Start(
        StoreKind kind, Action<string>? afterStep = null, Func<EventStore, Task>? prepare = null) =>
        ReportApp.Start(kind, prepare: prepare, extend: millrace => millrace.AddRetention(retention =>
        {
            retention.ArchiveDirectory = _folder.FullName;
            retention.AfterStep = afterStep;
            retention.Category("cart").DeleteAfter(RetentionPeriod.Days(30));
            retention.Category("order").ArchiveAfter(RetentionPeriod.Days(30));
            retention.Category("person").ErasePersonalDataAfter(RetentionPeriod.Days(300));
        }));

    private static Task<AppendResult> Append(
        EventStore store, string stream, int days, string type = "thing.happened", string json = "{}") =>
        store.Append(new AppendRequest { RecordedAt = DateTimeOffset.UtcNow.AddDays(-days) }.To(
            new StreamId(stream), ExpectedVersion.Any, NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json))));

    private static Task Declare(EventStore store, Action<RetentionOptions> configure)
    {
        var options = new RetentionOptions();
        configure(options);
        var declaration = new Millrace.Retention.RetentionDeclaration { Rules = options.BuildRules() };
        return new Millrace.Retention.RetentionLog(new Millrace.Erasing.ErasureScope(store, "", ""))
            .Declare(declaration, default);
    }

    private static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();

    private static long Number(JsonElement row, string name) => row.GetProperty(name).GetInt64();
}
