using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Millrace.Reporting;
using Millrace.Tests.Erasing;

namespace Millrace.Tests.Reporting;

/// <summary>Tests of the report about the processing of personal data.</summary>
public sealed class GdprReportTests
{
    private static readonly ReportRequest Gdpr = new(ReportKind.Gdpr);

    [Theory]
    [StoreKinds]
    public async Task The_records_of_processing_and_the_places_of_personal_data_are_reported(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);

        var report = await app.Json(Gdpr);

        Assert.Equal("Shop Ltd", report.GetProperty("controller").GetProperty("name").GetString());
        var activity = Assert.Single(ReportApp.Rows(report, "activities"));
        Assert.Equal("contract (art. 6(1)(b))", activity.GetProperty("legalBasis").GetString());
        var places = ReportApp.Rows(report, "places").Select(Place).ToArray();
        Assert.Contains(("event", "person.registered", "/email", "contact"), places);
        Assert.Contains(("read model", "people@1", "/city", "personal"), places);
        Assert.Contains(("snapshot", "person", "/", "copies"), places);
        Assert.Empty(ReportApp.Kinds(report));
    }

    [Fact]
    public async Task A_read_model_without_marks_whose_code_is_unknown_is_a_finding()
    {
        await using var app = await ReportApp.Start(StoreKind.Memory, extend: millrace => millrace.AddModel(
            model => model.Projection(new ProjectionDefinition<string, PersonDocument>
            {
                Name = "copies",
                Events = [typeof(PersonMoved)],
                Create = static () => new PeopleProjection(),
                Document = PeopleJson.Default.PersonDocument,
            })));

        var report = await app.Json(Gdpr);

        var unknown = ReportApp.Rows(report, "places")
            .Where(row => !row.TryGetProperty("isEncrypted", out var value) || value.ValueKind == JsonValueKind.Null)
            .Select(row => Place(row).Item2).Order();
        Assert.Equal(["copies@1", "people@1"], unknown);
        var finding = Assert.Single(ReportApp.Rows(report, "findings"));
        Assert.Equal("personalDataUnknown", finding.GetProperty("kind").GetString());
        Assert.Contains("'copies@1'", finding.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("person.moved/city", finding.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [StoreKinds]
    public async Task Requests_are_compared_with_their_deadlines(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        for (var person = 1; person <= 5; person++)
            await app.Register(person, $"Ada{person}");
        await app.Request("done", 1, TimeSpan.FromDays(3));
        await app.Erase("done");
        await app.Request("late", 2, TimeSpan.FromDays(40));
        await app.Erase("late");
        await app.Request("overdue", 3, TimeSpan.FromDays(40));
        await app.Request("open", 4, TimeSpan.FromDays(3));
        await app.Erasures.Hold("person-5", "lawsuit", "ben");
        await app.Request("held", 5, TimeSpan.FromDays(3));

        var report = await app.Json(Gdpr);

        var requests = ReportApp.Rows(report, "requests").ToDictionary(row => row.GetProperty("id").GetString()!);
        Assert.Equal(("inTime", "confirmed"), StatusOf(requests["done"]));
        Assert.Equal(("late", "confirmed"), StatusOf(requests["late"]));
        Assert.Equal(("overdue", "found"), StatusOf(requests["overdue"]));
        Assert.Equal(("open", "found"), StatusOf(requests["open"]));
        Assert.Equal(("inTime", "refused"), StatusOf(requests["held"]));
        Assert.Contains("legal hold", requests["held"].GetProperty("refusal").GetString(), StringComparison.Ordinal);
        var file = (await app.Erasures.Find("done"))!.Certificate!.ToFile() + "\n"; // As the tool writes it.
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file))),
            requests["done"].GetProperty("certificate").GetString());
        Assert.False(requests["open"].TryGetProperty("certificate", out _));
        Assert.Equal(["requestLate", "requestOverdue"], ReportApp.Kinds(report).Order());
        Assert.Equal("lawsuit", Assert.Single(ReportApp.Rows(report, "legalHolds")).GetProperty("reason").GetString());
        Assert.Equal(1, report.GetProperty("summary").GetProperty("overdueRequests").GetInt64());
    }

    [Theory]
    [StoreKinds]
    public async Task A_deadline_is_extended_only_within_the_first_month(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Register(1, "Ada");
        await app.Register(2, "Bob");
        await app.Request("soon", 1, TimeSpan.FromDays(3));
        await app.Request("old", 2, TimeSpan.FromDays(40));

        await app.Reports.ExtendDeadline("soon", "many requests", "ben");
        await app.Reports.ExtendDeadline("soon", "a second time", "ben");
        await app.Reports.ExtendDeadline("old", "forgotten", "ben");
        var report = await app.Json(Gdpr);

        var requests = ReportApp.Rows(report, "requests").ToDictionary(row => row.GetProperty("id").GetString()!);
        var receivedAt = requests["soon"].GetProperty("receivedAt").GetDateTimeOffset();
        var received = DateOnly.FromDateTime(receivedAt.UtcDateTime);
        Assert.Equal($"{received.AddMonths(3):yyyy-MM-dd}", requests["soon"].GetProperty("due").GetString());
        Assert.Equal("many requests", requests["soon"].GetProperty("extensionReason").GetString());
        Assert.Equal(("overdue", "found"), StatusOf(requests["old"]));
        Assert.Equal(["extensionLate", "requestOverdue"], ReportApp.Kinds(report).Order());
        await Assert.ThrowsAsync<ErasureNotFoundException>(() => app.Reports.ExtendDeadline("none", "reason", "ben"));
    }

    [Theory]
    [InlineData("2026-01-31T10:00:00Z", null, "2026-02-28")]
    [InlineData("2026-01-31T23:59:59Z", "2026-02-28T23:59:59Z", "2026-04-30")]
    [InlineData("2026-01-31T10:00:00Z", "2026-03-01T00:00:00Z", "2026-02-28")]
    [InlineData("2027-12-31T10:00:00+14:00", null, "2028-01-30")]
    public void A_deadline_ends_with_the_day_of_the_same_date(string received, string? extended, string due)
    {
        var deadline = RequestDeadline.Of(Time(received), extended is null ? null : Time(extended));
        var end = new DateTimeOffset(deadline.Due, TimeOnly.MinValue, TimeSpan.Zero).AddDays(1);

        Assert.Equal(due, ReportTexts.Of(deadline.Due));
        Assert.Equal(RequestStatus.Open, deadline.StatusOf(null, end.AddTicks(-1)));
        Assert.Equal(RequestStatus.Overdue, deadline.StatusOf(null, end));
        Assert.Equal(RequestStatus.InTime, deadline.StatusOf(end.AddTicks(-1), end));
        Assert.Equal(RequestStatus.Late, deadline.StatusOf(end, end));
    }

    [Theory]
    [StoreKinds]
    public async Task A_period_includes_its_start_and_excludes_its_end(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Register(1, "Ada");
        await app.Request("old", 1, TimeSpan.FromDays(10));
        await app.Grant("ada", "role clerk");
        var change = ReportApp.Rows(await app.Json(Gdpr), "rightChanges")[^1];
        var at = change.GetProperty("time").GetDateTimeOffset();

        var from = await app.Json(Gdpr with { From = at });
        var to = await app.Json(Gdpr with { To = at });
        var before = await app.Json(Gdpr with { To = DateTimeOffset.UtcNow.AddDays(-11) });

        Assert.Equal("role clerk", ReportApp.Texts(from, "rightChanges", "right")[^1]);
        Assert.DoesNotContain("role clerk", ReportApp.Texts(to, "rightChanges", "right"));
        Assert.Single(ReportApp.Rows(from, "requests")); // Received earlier, and still open.
        Assert.Empty(ReportApp.Rows(before, "requests"));
        await Assert.ThrowsAsync<ArgumentException>(() => app.Json(Gdpr with { From = at, To = at }));
    }

    [Theory]
    [StoreKinds]
    public async Task Exports_and_reports_are_in_the_audit_trail_and_in_the_report(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        var trail = AuditTrails.Of(app.Store);
        await trail.Record(
            new AuditEntry(
                "operator.POST /subjects/{subject}/export", "/subjects/person-1/export", AuditResult.Succeeded),
            default);
        await trail.Record(new AuditEntry("command.pay", "payment-1", AuditResult.Succeeded), default);

        await app.Json(Gdpr with { By = "auditor" });
        var report = await app.Json(Gdpr);

        Assert.Equal(
            ["operator.POST /subjects/{subject}/export", "report.gdpr"], ReportApp.Texts(report, "exports", "action"));
        Assert.Equal("auditor", ReportApp.Texts(report, "exports", "user")[1]);
    }

    [Theory]
    [StoreKinds]
    public async Task The_report_contains_no_values_and_encodes_all_texts(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind, reports => reports
            .Controller(new DataController(ReportApp.Hostile, "street"))
            .Activity(new ProcessingActivity(ReportApp.Hostile, ReportApp.Hostile, "law")));
        await app.Register(1, "Lovelace");
        await app.Request("r", 1, TimeSpan.FromDays(1), ReportApp.Hostile);
        await app.Grant(ReportApp.Hostile, "role clerk", ReportApp.Hostile);

        var html = await app.Html(Gdpr);
        var json = await app.Json(Gdpr);

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Lovelace", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Lovelace", json.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(ReportApp.Hostile, ReportApp.Texts(json, "requests", "reason")[0]);
        Assert.DoesNotContain("http", html.Replace("https://", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [StoreKinds]
    public async Task A_store_without_declaration_or_events_has_an_empty_report_with_a_finding(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);

        var report = await ReportApp.Json(Reports.Of(store), Gdpr);

        Assert.Equal(["notDeclared"], ReportApp.Kinds(report));
        foreach (var section in (string[])["activities", "places", "requests", "legalHolds", "exports", "rightChanges"])
            Assert.Empty(ReportApp.Rows(report, section));
        Assert.Null(await store.GetStream(new StreamId("$audit")));
    }

    [Theory]
    [StoreKinds]
    public async Task A_tool_writes_the_same_report_from_the_declaration_in_the_log(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Register(1, "Ada");
        await app.Request("r", 1, TimeSpan.FromDays(1));

        var report = await app.Json(Gdpr);
        var tool = await ReportApp.Json(Reports.Of(app.Store), Gdpr);

        foreach (var section in (string[])["controller", "activities", "places", "requests"])
            Assert.Equal(report.GetProperty(section).GetRawText(), tool.GetProperty(section).GetRawText());
    }

    [Fact]
    public async Task A_declaration_is_recorded_once_and_only_by_reports()
    {
        await using var app = await ReportApp.Start(StoreKind.Sqlite);
        var stream = new StreamId("$reports");

        await app.Reports.Declare(default);
        await app.Json(Gdpr);

        Assert.Equal(1, (await app.Store.GetStream(stream))!.Version);
        await Assert.ThrowsAsync<InvalidNameException>(() => app.Store.Append(
            stream, ExpectedVersion.Any, [NewEvent.FromBytes("payment.changed", "{}"u8.ToArray())]));
        await Assert.ThrowsAsync<InvalidNameException>(() => app.Store.Append(
            new StreamId("x-1"), ExpectedVersion.Any, [NewEvent.FromBytes("reports.declared", "{}"u8.ToArray())]));
    }

    private static (string?, string?) StatusOf(JsonElement row) =>
        (row.GetProperty("status").GetString(), row.GetProperty("state").GetString());

    private static (string?, string?, string?, string?) Place(JsonElement row) => (
        row.GetProperty("in").GetString(), row.GetProperty("name").GetString(), row.GetProperty("path").GetString(),
        row.GetProperty("kind").GetString());

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
